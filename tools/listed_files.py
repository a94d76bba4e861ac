"""Files of a folder that a pattern names: regular ones, no links, not too many."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..core.errors import BackendError

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def listed(name: str, folder: Path, pattern: str, most: int) -> list[Path]:
    """Their paths, sorted.

    Args:
        name: what people call the source, for errors.
        folder: links in it are not followed.
        pattern: of names below the folder.
        most: files; with more, it fails.

    Raises:
        BackendError: the folder cannot be listed, or holds more.
    """
    try:
        root = folder.resolve()
        found = sorted(
            path
            for path in folder.glob(pattern)
            if path.is_file() and path.resolve() == root / path.relative_to(folder)
        )
    except OSError as error:
        raise BackendError(f"{name} cannot be listed ({error.strerror})", remedy="check its `path`") from error
    if len(found) > most:
        raise BackendError(
            f"{name} has more than {most} files", remedy="narrow its `pattern`, or raise its `most_files`"
        )
    return found


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO | None]:
    """A regular file that is ours to read; `None` of anything else."""
    try:
        handle = os.open(path, _FLAGS)
    except OSError:
        yield None
        return
    with os.fdopen(handle, "rb") as file:
        yield file if stat.S_ISREG(os.fstat(handle).st_mode) else None
