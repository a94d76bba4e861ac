"""Who calls a server of ours: bearer tokens, compared in a time that tells nothing."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from ...core.config import Section
from ...core.errors import ConfigError

if TYPE_CHECKING:
    from ..settings import Settings

TokenHash = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""SHA-256 of a token, as `sha256:` and 64 hex digits. Only tokens that nobody can guess may be kept like this."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
"""Of a caller."""

SHORTEST_TOKEN = 20
_LONGEST_TOKEN = 16_000


class TokenSettings(Section):
    """How a caller proves who it is; several tokens at once let one be replaced by another."""

    tokens: tuple[TokenHash, ...] = Field(default=(), description="`sha256:` and the hash of a token")
    token_env: str | None = Field(default=None, description="variable with the token")
    token_file: Path | None = Field(default=None, description="file with the token; may rotate")

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if not self.tokens and self.token_env is None and self.token_file is None:
            raise ValueError("a caller needs `tokens`, `token_env` or `token_file`")
        return self

    def hashes(self) -> frozenset[bytes]:
        """What its tokens hash to now; nothing for a variable or file that holds no usable token."""
        found = {bytes.fromhex(each.removeprefix("sha256:")) for each in self.tokens}
        for text in (os.environ.get(self.token_env, "") if self.token_env else "", _content(self.token_file)):
            if SHORTEST_TOKEN <= len(text.strip()) <= _LONGEST_TOKEN:
                found.add(hash_of(text.strip()))
        return frozenset(found)


@dataclass(frozen=True)
class Caller:
    """Somebody who may call, as policies and records know them.

    Args:
        name: as in the configuration.
        role: agent role.
        team: whose eyes the answers meet.
        on_behalf_of: `person:<name>` or `system:<caller>`.
        environment: the only one that it is served; any if `None`.
    """

    name: str
    role: str
    team: str
    on_behalf_of: str
    environment: str | None = None


class TokenBook:
    """Finds whose a token is.

    Args:
        hashes: by name: what the tokens of a caller hash to now.
    """

    def __init__(self, hashes: Mapping[str, Callable[[], Collection[bytes]]]) -> None:
        self._hashes = dict(hashes)

    def name_of(self, token: str) -> str | None:
        """The caller's name; `None` for a token of nobody, or of two. Every known hash is compared, found or not."""
        shown, found = hash_of(token), set[str]()
        for name, hashes in self._hashes.items():
            for known in hashes():
                if hmac.compare_digest(known, shown):
                    found.add(name)
        return found.pop() if len(found) == 1 and SHORTEST_TOKEN <= len(token) <= _LONGEST_TOKEN else None

    def check(self) -> None:
        """Refuse to start with callers whom nobody can be.

        Raises:
            ConfigError: a caller has no usable token, or two share one.
        """
        seen: dict[bytes, str] = {}
        for name, hashes in self._hashes.items():
            if not (now := hashes()):
                raise ConfigError(
                    f"caller {name!r} has no usable token", remedy=f"a token has at least {SHORTEST_TOKEN} characters"
                )
            for each in now:
                if seen.setdefault(each, name) != name:
                    raise ConfigError(
                        f"callers {seen[each]!r} and {name!r} share a token", remedy="give each a token of its own"
                    )


def caller_roles(settings: Settings) -> frozenset[str]:
    """The agent roles of everybody who may call a server of ours."""
    over_mcp = {settings.mcp.oauth.role, *(caller.role for caller in settings.mcp.callers.values())}
    folder = settings.gateway.contracts
    contracts = folder.glob("*.toml") if folder is not None else ()
    return frozenset(over_mcp | {f"gateway-{path.stem}" for path in contracts})


def hash_of(token: str) -> bytes:
    """SHA-256 of a token; what cannot be encoded hashes to what no token does."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def bearer(header: str | None) -> str | None:
    """The token in an `Authorization` header."""
    kind, _, token = (header or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def _content(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST_TOKEN + 2).decode("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
