"""A file of signed heads that is kept outside, where whoever holds the ledger should not be able to write.

The heads stand one after another, parted by empty lines. A head is appended only if it continues the last one, by a
proof from this ledger's own leaves, so that a ledger that was cut or rewritten never gets its new head in.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...core.database import Database
from ...core.errors import BackendError, InputError, LedgerError
from ...core.ledger_keys import PublicKeys
from .checkpoint import Checkpoint, open_checkpoint
from .prove import consistency_hashes, leads_to
from .sqlite import SqliteLedger

MAX_ANCHOR_BYTES = 64 * 2**20
"""Some 300,000 heads: one every ten minutes for six years."""

_DASH = "— ".encode()
# Possessive and bounded: nothing in a file from outside makes the search slow or large.
_NOTE = re.compile(rb"(?:(?!%b)[^\n]++\n){1,64}+\n(?:%b[^\n]++\n){1,64}+" % (_DASH, _DASH))
# What a write that was stopped leaves of a head of ours: up to three lines, the empty one, some of the signature.
_TORN = re.compile(rb"(?:[^\n]+\n){0,2}[^\n]*|(?:[^\n]+\n){3}(?:\n[^\n]*)?")
_MAX_TORN_BYTES = 4_096


@dataclass(frozen=True)
class AnchorFile:
    """What a file of heads holds.

    Args:
        notes: the signed notes, in the order of the file; not yet opened.
        whole_bytes: where the last whole note ends.
        torn_bytes: what follows it, left by a write that was stopped.
    """

    notes: tuple[str, ...]
    whole_bytes: int
    torn_bytes: int

    def heads(self, origin: str, public_keys: PublicKeys) -> list[Checkpoint]:
        """Every head, its signature checked.

        Raises:
            LedgerError: one is not a head of this ledger.
        """
        return [open_checkpoint(note, origin, public_keys) for note in self.notes]


@dataclass(frozen=True)
class Anchoring:
    """What came of it.

    Args:
        status: `appended`; `unchanged` if the file ends with this very head; `empty` if the ledger has no entry yet;
            `refused` if the ledger does not continue the last head.
        size: entries that the last head of the file covers now.
        problem: why it was refused; empty otherwise.
        torn_bytes: how much of an unfinished head was cut off.
        is_new: whether the file held no head before.
    """

    status: Literal["appended", "unchanged", "empty", "refused"]
    size: int
    problem: str = ""
    torn_bytes: int = 0
    is_new: bool = False


def parse_anchor(content: bytes, origin: str) -> AnchorFile:
    """Split a file of heads into its notes; a single signed head is such a file too.

    Args:
        content: the whole file.
        origin: the name of the ledger, with which an unfinished head begins.

    Raises:
        InputError: it is too large, or holds something else than notes.
    """
    if len(content) > MAX_ANCHOR_BYTES:
        raise InputError(
            f"a file of heads has at most {MAX_ANCHOR_BYTES} bytes", remedy="keep it, and begin another one"
        )
    notes: list[str] = []
    end = 0
    while found := _NOTE.match(content, end + 1 if content[end : end + 1] == b"\n" and notes else end):
        notes.append(_text(found.group()))
        end = found.end()
    rest = content[end:]
    if rest and not _is_torn(rest.removeprefix(b"\n") if notes else rest, f"{origin}\n".encode()):
        raise InputError(
            f"after {len(notes)} heads the file holds something else", remedy="hand in a file that holds heads alone"
        )
    return AnchorFile(tuple(notes), end, len(rest))


def anchor(path: Path, ledger: SqliteLedger, database: Database, public_keys: PublicKeys) -> Anchoring:
    """Append the newest signed head to the file, once, if it continues the last head in it; durable on return.

    Args:
        path: the file; made if it is new, its folder is not. Others that anchor into it wait.
        ledger: of which the newest head is taken.
        database: where it lies.
        public_keys: of the ledger.

    Raises:
        InputError: the file holds something else, or heads of another ledger.
        BackendError: it cannot be read or written; then nothing was added.
        LedgerError: the ledger cannot be read, or its newest head is damaged.
    """
    try:
        with _locked(path) as descriptor:
            known = parse_anchor(_content(descriptor), ledger.origin)
            # Only now: a head from before somebody else's turn would look like a ledger that was cut.
            found = compare(known, ledger, database, public_keys)
            if isinstance(found, Anchoring):
                return found
            head, is_known = found
            if known.torn_bytes:
                os.ftruncate(descriptor, known.whole_bytes)
            if not is_known:
                parting = "\n" if known.notes else ""
                _append(descriptor, f"{parting}{head.note}".encode(), known.whole_bytes)
            os.fsync(descriptor)
            _sync_folder(path.parent)
            status: Literal["appended", "unchanged"] = "unchanged" if is_known else "appended"
            return Anchoring(status, head.size, torn_bytes=known.torn_bytes, is_new=not known.notes)
    except OSError as error:
        raise BackendError(
            f"{path} cannot be read or written: {error.strerror}",
            remedy="check that its folder is there and mounted, the rights and the free space",
        ) from error


def compare(
    known: AnchorFile, ledger: SqliteLedger, database: Database, public_keys: PublicKeys
) -> Anchoring | tuple[Checkpoint, bool]:
    """The newest head of the ledger and whether the file ends with it, or why it may not go in.

    Raises:
        InputError: the last head in the file is not one of this ledger.
        LedgerError: the ledger cannot be read.
    """
    last = _last(known, ledger.origin, public_keys)
    head = ledger.head()
    if head is None:
        if last is None:
            return Anchoring("empty", 0)
        return Anchoring("refused", last.size, f"the ledger is empty, the last head in the file covers {last.size}")
    if last is None:
        if not leads_to(database, head):
            return Anchoring("refused", 0, "the entries do not lead to the newest signed head; they were changed")
        return head, False
    if last.size > head.size:
        told = f"the ledger ends after {head.size} entries, the last head in the file covers {last.size}"
        return Anchoring("refused", last.size, f"{told}: the end was cut off")
    if consistency_hashes(database, last, head) is None:
        told = f"the ledger does not continue the last head in the file, which covers {last.size} entries"
        return Anchoring("refused", last.size, f"{told}: it was rewritten")
    return head, last.size == head.size


def _last(known: AnchorFile, origin: str, public_keys: PublicKeys) -> Checkpoint | None:
    if not known.notes:
        return None
    try:
        return open_checkpoint(known.notes[-1], origin, public_keys)
    except LedgerError as error:
        raise InputError(
            f"the last head in the file is not one of this ledger: {error.message}",
            remedy="name the file of this ledger, or keep this one for the investigation and begin another",
        ) from error


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InputError(f"{path} is no ordinary file", remedy="name a file")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _content(descriptor: int) -> bytes:
    """The file, or just enough of it to see that it is too large."""
    parts: list[bytes] = []
    at = 0
    while at <= MAX_ANCHOR_BYTES and (part := os.pread(descriptor, 2**20, at)):
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def _append(descriptor: int, line: bytes, whole_bytes: int) -> None:
    left = memoryview(line)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError:
        # Disk full: half a head may stay where even this fails; the next call cuts it off.
        with suppress(OSError):
            os.ftruncate(descriptor, whole_bytes)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_torn(rest: bytes, start: bytes) -> bool:
    """Whether this can be what a stopped write left of one head, and hides no whole one."""
    is_ours = rest.startswith(start) or start.startswith(rest)
    return is_ours and len(rest) <= _MAX_TORN_BYTES and _TORN.fullmatch(rest) is not None


def _text(note: bytes) -> str:
    try:
        return note.decode()
    except UnicodeDecodeError:
        raise InputError("a head in the file is no text", remedy="hand in a file that holds heads alone") from None
