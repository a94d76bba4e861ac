"""Read a text file that somebody else put there: a regular file, no link, not too large."""

from __future__ import annotations

import os
import stat

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_plain_text(path: str, limit_bytes: int, *, folder: int | None = None) -> str | None:
    """The text of a file; bytes that are no UTF-8 are replaced.

    Args:
        path: a path, or with `folder` a name inside of it.
        limit_bytes: a larger file is not read.
        folder: an open folder's descriptor.

    Returns:
        `None` for a link, a folder, a pipe or a device, a file that is too large, gone, or not ours to read.
    """
    try:
        handle = os.open(path, _FLAGS, dir_fd=folder)
    except OSError:
        return None
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > limit_bytes:
            return None
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(limit_bytes).decode("utf-8", errors="replace")
    finally:
        os.close(handle)
