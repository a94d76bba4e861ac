"""Files that are there whole or not at all, whenever whoever writes them dies, and what a death leaves is taken away.

A text is written beside its place under a name of ours, held by a lock that ends with the process, and then put in
place by one rename. Drafts that nobody holds any more are swept by whoever writes into the folder next.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

_DRAFT = re.compile(r"\.opswarden-[0-9a-f]{16}\.part")
_MOST_TRIES = 20
_NO_LINKS = frozenset((errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EOPNOTSUPP))


def put_whole(path: Path, text: str, *, is_new: bool = False, may: Callable[[], bool] = lambda: True) -> bool:
    """Put a text in place of what is there.

    Args:
        path: of the file; its folders are made.
        text: all of it.
        is_new: whether nothing may be there, and nothing that comes meanwhile is replaced.
        may: asked last, once the text is on the disk; `False` leaves what is there.

    Returns:
        What `may` said.

    Raises:
        FileExistsError: something is there that would have to be replaced, and `is_new` says no.
        OSError: it cannot be written; then what was there is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent)
    with _draft(path.parent) as (draft, file):
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        if not may():
            return False
        if not is_new or not _linked(draft, path):
            draft.replace(path)
    return True


def _linked(draft: Path, path: Path) -> bool:
    """Put a draft where nothing is, which a rename could not promise; `False` where the file system has no links."""
    try:
        os.link(draft, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        return False
    return True


def sweep(folder: Path) -> int:
    """Take away what writers that died have left in a folder; how many files that were.

    What is being written now is held by whoever writes it, and left.
    """
    taken = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.name for entry in entries if _DRAFT.fullmatch(entry.name)]:
            with suppress(OSError):
                taken += _taken_away(folder / name)
    return taken


def _taken_away(draft: Path) -> int:
    descriptor = os.open(draft, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink()
    finally:
        os.close(descriptor)
    return 1


@contextmanager
def _draft(folder: Path) -> Iterator[tuple[Path, TextIO]]:
    """A new file beside, held while inside, and gone afterwards unless it was put in place."""
    for _ in range(_MOST_TRIES):
        draft = folder / f".opswarden-{secrets.token_hex(8)}.part"
        with draft.open("x", encoding="utf-8") as file:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # swept between its making and its lock
            except OSError:  # a file system without locks, on which nobody sweeps either
                pass
            if os.fstat(file.fileno()).st_nlink == 0:
                continue  # the same
            try:
                yield draft, file
            finally:
                with suppress(OSError):
                    draft.unlink(missing_ok=True)
            return
    raise OSError("no draft could be held")
