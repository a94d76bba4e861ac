"""What a witness remembers: the newest head that it cosigned of every ledger, in one file that is replaced whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import ConfigError
from ...core.key_files import create_private, only_one_writer, replace_private
from .checkpoint import Checkpoint, check_origin
from .tree import EMPTY_ROOT, HASH_BYTES

_VERSION = 1
_MAX_BYTES = 16 * 2**20
_REMEDY = "restore it from a backup: a witness that forgets cosigns what it had refused"


@dataclass(frozen=True)
class Seen:
    """A head that was cosigned.

    Args:
        size: entries that it covers.
        root: 32 bytes.
        note: the head as it was sent, for whoever has to investigate.
    """

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: str = ""


class WitnessState:
    """One head per ledger; several processes may share the file.

    Args:
        path: made by `create`.

    Raises:
        ConfigError: the file is not there, or says nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name, _ = self._read()

    @classmethod
    def create(cls, path: Path, name: str) -> WitnessState:
        """A witness that has seen nothing yet.

        Args:
            path: a new file in a folder that is there.
            name: of the key that cosigns.

        Raises:
            ConfigError: the file is there already, its folder is not, or the name is no single word.
        """
        try:
            check_origin(name)
        except ValueError:
            raise ConfigError(
                "the name of a witness is one word without a plus sign", remedy="for example `audit.example.com/w1`"
            ) from None
        if path.exists():
            raise ConfigError(f"{path} exists already", remedy="leave --new out to go on with it")
        try:
            create_private(path, _packed(name, {}))
        except OSError as error:
            raise ConfigError(
                f"{path} cannot be written: {error.strerror}", remedy="check that its folder is there, and the rights"
            ) from error
        return cls(path)

    @contextmanager
    def only_one(self) -> Iterator[None]:
        """Keep every other thread and process waiting that would look at a head and then replace it.

        Raises:
            BackendError: the folder cannot be written.
        """
        with only_one_writer(self._path):
            yield

    def seen(self, origin: str) -> Seen:
        """The newest head of a ledger; the empty one where none was cosigned.

        Raises:
            ConfigError: the file is gone or damaged.
        """
        return self._read()[1].get(origin, Seen())

    def keep(self, head: Checkpoint) -> None:
        """Remember a head; durable on return. To be called inside `only_one`.

        Raises:
            BackendError: it cannot be written, and the older head stands.
            ConfigError: the file is gone or damaged.
        """
        name, heads = self._read()
        replace_private(self._path, _packed(name, {**heads, head.origin: Seen(head.size, head.root, head.note)}))

    def _read(self) -> tuple[str, dict[str, Seen]]:
        try:
            with self._path.open("rb") as file:
                content = file.read(_MAX_BYTES + 1)
            found = json.loads(content)
            if len(content) > _MAX_BYTES or found["version"] != _VERSION:
                raise ValueError("another form")
            heads = {str(origin): _seen(one) for origin, one in found["logs"].items()}
            return str(found["name"]), heads
        except FileNotFoundError:
            raise ConfigError(
                f"{self._path} is not there", remedy=f"--new begins a witness; if there was one, {_REMEDY}"
            ) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ConfigError(f"the state of the witness in {self._path} is damaged", remedy=_REMEDY) from error


def _packed(name: str, heads: Mapping[str, Seen]) -> bytes:
    logs = {origin: {"size": one.size, "root": one.root.hex(), "note": one.note} for origin, one in heads.items()}
    return json.dumps({"version": _VERSION, "name": name, "logs": logs}, indent=1).encode() + b"\n"


def _seen(found: Mapping[str, object]) -> Seen:
    size, root = found["size"], bytes.fromhex(str(found["root"]))
    if not isinstance(size, int) or isinstance(size, bool) or size < 0 or len(root) != HASH_BYTES:
        raise ValueError("no head")
    return Seen(size, root, str(found["note"]))
