"""Which processes of the service live: each holds a lock on a file of the state directory, until it ends or is killed.

Nobody has to guess from silence that a worker is dead: the system lets go of the lock of a killed process at once.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...core.errors import ConfigError

MOST_WORKERS = 64


class Slots:
    """The places of the workers of one state directory.

    Args:
        folder: of the lock files; made if it is new.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine: int | None = None
        self.number = -1

    def take(self) -> int:
        """Take the first place that is free, for as long as this process lives.

        Raises:
            ConfigError: all are taken, or the folder cannot be written.
        """
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            for number in range(MOST_WORKERS):
                handle = _locked(self._path(number))
                if handle is not None:
                    self._mine, self.number = handle, number
                    return number
        except OSError as error:
            raise ConfigError(
                f"the locks of the workers cannot be written: {error.strerror}", remedy="check the state directory"
            ) from error
        raise ConfigError(f"{MOST_WORKERS} workers run already", remedy="stop one of them")

    @contextmanager
    def left_behind(self) -> Iterator[list[int]]:
        """The places that workers had who live no more; nobody takes one of them meanwhile."""
        held: dict[int, int] = {}
        try:
            for number in range(MOST_WORKERS):
                path = self._path(number)
                if number != self.number and path.exists() and (handle := _locked(path)) is not None:
                    held[number] = handle
            yield list(held)
        finally:
            for handle in held.values():
                os.close(handle)

    def leave(self) -> None:
        """Give the place back."""
        if self._mine is not None:
            os.close(self._mine)
            self._mine = None

    def _path(self, number: int) -> Path:
        return self._folder / f"worker-{number}.lock"


@contextmanager
def turn(path: Path) -> Iterator[bool]:
    """Whether it is this process' turn: while inside, it is nobody else's who asks with the same file."""
    handle = _locked(path)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            os.close(handle)


def _locked(path: Path) -> int | None:
    """A handle that holds the lock; `None` if somebody else does."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
