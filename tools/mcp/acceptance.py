"""What a person has accepted of other servers' tools, and which have changed since; kept in the state directory."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...core.errors import ConfigError
from .listing import Listed

Standing = Literal["accepted", "new", "changed"]
_SIZE_LIMIT_BYTES = 16_000_000


class Accepted(BaseModel):
    """One accepted tool.

    Args:
        shown: the description and the schemas that the person saw, scrubbed.
        has_changed: whether the server has said something else since.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")
    shown: dict[str, str]
    by: str
    at: str
    has_changed: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    servers: dict[str, dict[str, Accepted]] = {}


class Acceptances:
    """Accepted tools by server and by what the server calls them; safe to use from several threads.

    Args:
        path: of the file; it need not be there.
        scrub: cleans what a server says before it is kept.
    """

    def __init__(self, path: Path, scrub: Callable[[str], str]) -> None:
        self._path = path
        self._scrub = scrub
        self._lock = threading.Lock()

    def of(self, server: str) -> Mapping[str, Accepted]:
        """The accepted tools of a server.

        Raises:
            ConfigError: the file cannot be read.
        """
        return self._read().servers.get(server, {})

    def standing(self, server: str, listed: Listed) -> Standing:
        """Whether a tool, as it is listed now, is accepted."""
        known = self.of(server).get(listed.name)
        if known is None:
            return "new"
        return "accepted" if known.fingerprint == listed.fingerprint and not known.has_changed else "changed"

    def accept(self, server: str, listed: Listed, *, by: str, at: str) -> None:
        """Take a tool as it is listed now.

        Raises:
            ConfigError: the file cannot be written.
        """
        self._set(server, listed.name, Accepted(fingerprint=listed.fingerprint, shown=self.shown(listed), by=by, at=at))

    def quarantine(self, server: str, name: str) -> None:
        """Note that a tool is no longer what was accepted; it stays so until it is accepted again."""
        known = self.of(server).get(name)
        if known is not None and not known.has_changed:
            self._set(server, name, known.model_copy(update={"has_changed": True}))

    def shown(self, listed: Listed) -> dict[str, str]:
        """What a person sees of a tool: scrubbed."""
        parts: dict[str, str] = {
            "description": self._scrub(listed.description),
            "input": self._scrub(json.dumps(listed.input_schema, indent=1, sort_keys=True)),
        }
        if listed.output_schema is not None:
            parts["output"] = self._scrub(json.dumps(listed.output_schema, indent=1, sort_keys=True))
        return parts

    def _set(self, server: str, name: str, accepted: Accepted) -> None:
        with self._lock:
            now = self._read()
            servers = {**now.servers, server: {**now.servers.get(server, {}), name: accepted}}
            content = _File(servers=servers).model_dump_json(indent=1)
            try:
                descriptor, made = tempfile.mkstemp(dir=self._path.parent, prefix=".mcp-")
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(made).replace(self._path)
            except OSError as error:
                raise ConfigError(
                    f"what is accepted cannot be kept: {error.strerror}", remedy="check the state directory"
                ) from error

    def _read(self) -> _File:
        try:
            if self._path.stat().st_size > _SIZE_LIMIT_BYTES:
                raise ValueError("too large")
            return _File.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return _File()
        except (OSError, ValueError, ValidationError) as error:
            raise ConfigError(
                f"{self._path.name} in the state directory cannot be read",
                remedy="restore it, or remove it and accept the tools again",
            ) from error
