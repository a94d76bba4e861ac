"""Where queries put what does not fit into memory: rows as they were read, before any redaction.

Every process has a private folder that goes with it. What a process could not remove because it was killed, the next
process of the same user does: a folder is held by a lock that ends with its process, however that ends.
"""

from __future__ import annotations

import atexit
import fcntl
import itertools
import os
import shutil
import stat
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path

_HELD = "held"
_made = threading.Lock()
_numbers = itertools.count(1)


def spill_place() -> str:
    """A path for one database, in the private folder of this process; DuckDB makes it at need and removes it."""
    with _made:
        return str(_folder_of(os.getpid()) / str(next(_numbers)))


@cache
def _folder_of(process: int) -> Path:
    """The folder of this process; a forked child makes its own."""
    shared = Path(tempfile.gettempdir()) / f"opswarden-spill-{os.getuid()}"
    with suppress(FileExistsError):
        shared.mkdir(mode=0o700)
    if not _is_private(shared):
        # Somebody else was there first. A folder under a name that nobody can foresee does, though nobody tidies it.
        folder = Path(tempfile.mkdtemp(prefix="opswarden-spill-"))
        atexit.register(_remove, folder, process)
        return folder
    # One at a time: a folder that is made but not held yet looks like one that was left.
    entry = os.open(shared, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(entry, fcntl.LOCK_EX)
        _remove_left(shared)
        folder = Path(tempfile.mkdtemp(dir=shared))
        _hold(folder)
    finally:
        os.close(entry)
    atexit.register(_remove, folder, process)
    return folder


def _is_private(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _hold(folder: Path) -> None:
    """Keep a lock for as long as this process lives; the system lets go of it then."""
    fcntl.flock(os.open(folder / _HELD, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), fcntl.LOCK_EX)


def _remove_left(shared: Path) -> None:
    for folder in shared.iterdir():
        if _is_private(folder) and not _is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_held(folder: Path) -> bool:
    try:
        descriptor = os.open(folder / _HELD, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _remove(folder: Path, process: int) -> None:
    # A forked child inherits what is to be done at the end, and its parent's queries may still run.
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
