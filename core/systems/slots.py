"""A limit on questions in flight that holds over all processes of a machine: so many locked files."""

from __future__ import annotations

import fcntl
import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..clock import Deadline
from ..errors import BackendError
from .exchange import Unreachable

_PAUSE_S = 0.02


class Slots:
    """So many files; whoever has one locked may ask. The kernel frees the file of a process that dies.

    Args:
        folder: where they lie; made when first needed (0700).
        name: of the system.
        count: how many.
    """

    def __init__(self, folder: Path, name: str, count: int) -> None:
        self._name = name
        self._paths = [folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)}.{number}.lock" for number in range(count)]

    @contextmanager
    def slot(self, deadline: Deadline) -> Iterator[None]:
        """Wait for a slot, and keep it during the block.

        Raises:
            BackendError: the deadline passed first, or the files cannot be made.
        """
        handle = self._locked(deadline)
        try:
            yield
        finally:
            with suppress(OSError):
                os.close(handle)

    def _locked(self, deadline: Deadline) -> int:
        while True:
            for path in random.sample(self._paths, len(self._paths)):
                if (handle := self._try(path)) is not None:
                    return handle
            if deadline.passed:
                raise Unreachable(
                    f"{self._name} is busy with questions of other processes",
                    remedy="try again later",
                    again=False,
                    late=True,
                )
            time.sleep(min(_PAUSE_S, max(deadline.left_s, 0.001)))

    def _try(self, path: Path) -> int | None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise BackendError(
                f"the lock files for {self._name} cannot be made: {error.strerror}", remedy="check the state directory"
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle
