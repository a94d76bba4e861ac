"""Where reads are recorded while the ledger cannot be written: a local file, signed line by line, merged later.

Every line carries an HMAC over itself and the line before. A line that was changed, removed or moved shows; lines cut
off at the end show only to the process that wrote them, which is why nothing with an effect may rest on this file.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ...core.canonical import JsonValue, canonical_json
from ...core.clock import Clock, from_iso, to_iso
from ...core.errors import LedgerError
from ...core.keys import KeyProvider
from .types import Ledger, LedgerEntry

if TYPE_CHECKING:
    from ..types import EntryKind

_REMEDY = "move the file aside, keep it for the investigation, and start again"


@dataclass(frozen=True)
class _Position:
    """How far the journal has been read and checked."""

    journal: str = ""
    lines: int = 0
    offset_bytes: int = 0
    mac: str = ""


@dataclass(frozen=True)
class _Read:
    """Lines that were read and checked.

    Args:
        position: behind the last of them.
        entries: what they say.
        macs: theirs, in order.
    """

    position: _Position
    entries: tuple[LedgerEntry, ...] = ()
    macs: tuple[str, ...] = ()


class FallbackJournal:
    """An append-only JSONL file for one machine; several processes may write.

    Args:
        path: the file, made 0600 at the first append; a lock file lies beside it.
        keys: `secret("fallback-journal")` signs.
        clock: dates the lines.
        new_id: names a new journal, unlike any before.
    """

    def __init__(
        self,
        path: Path,
        keys: KeyProvider,
        clock: Clock,
        *,
        new_id: Callable[[], str] = secrets.token_hex,
    ) -> None:
        self._path = path
        self._key = keys.secret("fallback-journal")
        self._clock = clock
        self._new_id = new_id
        self._known = _Position()
        self._gone: list[_Position] = []

    def append(self, entries: Sequence[LedgerEntry]) -> None:
        """Record entries; they are durable when this returns.

        Raises:
            LedgerError: the file cannot be written, or what it holds was changed.
        """
        if not entries:
            return
        with self._locked():
            position = self._catch_up()
            if self._known.journal not in ("", position.journal):
                self._gone.append(self._known)
            if not position.journal:
                position = _Position(self._new_id())
            ts = to_iso(self._clock.now())
            lines: list[bytes] = []
            for entry in entries:
                line, mac = self._line(position, ts, entry)
                lines.append(line)
                position = _Position(position.journal, position.lines + 1, position.offset_bytes + len(line), mac)
            self._write(b"".join(lines))
            self._known = position

    def read(self) -> list[LedgerEntry]:
        """Every line, checked, with the time at which it was recorded.

        Raises:
            LedgerError: a line was changed, removed or moved, or the file cannot be read.
        """
        with self._locked():
            return list(self._scan(_Position()).entries)

    def waiting(self, ledger: Ledger) -> list[LedgerEntry]:
        """What has been recorded here and is not in the ledger yet, oldest first.

        Raises:
            LedgerError: the journal was changed, or cannot be read.
        """
        if not self._path.exists():
            return []  # nothing to lock: a reader leaves no file behind
        with self._locked():
            found = self._scan(_Position())
            return list(found.entries[_merged_before(ledger, found) :])

    def merge_into(self, ledger: Ledger) -> int:
        """Move what was recorded into the ledger, once: an entry `journal.merged`, then the lines with their times.

        A crash at any point is mended by calling it again. Not for use inside an open transaction: the file goes when
        the ledger's append returns.

        Returns:
            How many entries were merged.

        Raises:
            LedgerError: the journal was changed, or the ledger cannot be written; nothing is lost then.
        """
        with self._locked():
            found = self._scan(_Position())
            position = found.position
            self._refuse_loss(position, ledger)
            if not position.journal:
                return 0
            done = _merged_before(ledger, found)
            fresh = found.entries[done:]
            if fresh:
                marker = LedgerEntry(
                    "journal.merged",
                    _run_of(position.journal),
                    {"journal": position.journal, "from_line": done, "lines": position.lines, "mac": position.mac},
                )
                ledger.append([marker, *fresh])
            # Only now may the file go: a crash before this line finds the marker and merges nothing twice.
            self._remove()
            self._known = _Position()
            return len(fresh)

    def _catch_up(self) -> _Position:
        """Check what others wrote since; from the start if the journal is another one now."""
        known = self._known
        size = self._size()
        if known.journal and size == known.offset_bytes and self._journal_at_start() == known.journal:
            return known
        if known.journal and size and self._journal_at_start() == known.journal:
            if size < known.offset_bytes:
                raise LedgerError("the fallback journal was cut", remedy=_REMEDY)
            return self._scan(known).position
        return self._scan(_Position()).position

    def _scan(self, start: _Position) -> _Read:
        """Read and check the lines after a position; a torn last line is what a crash left and is cut off."""
        entries: list[LedgerEntry] = []
        macs: list[str] = []
        position = start
        try:
            with self._path.open("r+b") as file:
                file.seek(start.offset_bytes)
                for line in file:
                    if not line.endswith(b"\n"):
                        file.truncate(position.offset_bytes)
                        break
                    position, entry = self._check(position, line)
                    entries.append(entry)
                    macs.append(position.mac)
        except FileNotFoundError:
            return _Read(_Position())
        except OSError as error:
            raise LedgerError(f"the fallback journal cannot be read: {error.strerror}", remedy=_REMEDY) from error
        return _Read(position, tuple(entries), tuple(macs))

    def _check(self, position: _Position, line: bytes) -> tuple[_Position, LedgerEntry]:
        number = position.lines + 1
        try:
            found = json.loads(line)
            mac = found.pop("mac")
            journal = position.journal or str(found["journal"])
            expected = self._mac(position.mac, found)
            if not hmac.compare_digest(expected, mac) or found["journal"] != journal or found["line"] != number:
                raise LedgerError(f"line {number} of the fallback journal was changed or moved", remedy=_REMEDY)
            entry = LedgerEntry(
                cast("EntryKind", found["kind"]), found["run_id"], found["body"], journal_ts=from_iso(found["ts"])
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise LedgerError(f"line {number} of the fallback journal cannot be read", remedy=_REMEDY) from error
        return _Position(journal, number, position.offset_bytes + len(line), mac), entry

    def _line(self, position: _Position, ts: str, entry: LedgerEntry) -> tuple[bytes, str]:
        found: dict[str, JsonValue] = {
            "journal": position.journal,
            "line": position.lines + 1,
            "ts": ts,
            "kind": entry.kind,
            "run_id": entry.run_id,
            "body": entry.body,
        }
        try:
            mac = self._mac(position.mac, found)
            return canonical_json({**found, "mac": mac}) + b"\n", mac
        except (ValueError, TypeError, RecursionError) as error:
            raise LedgerError(
                f"an entry of kind {entry.kind!r} is no canonical JSON",
                remedy="record integers beyond 2**53 as text, and no NaN or lone surrogates",
            ) from error

    def _mac(self, before: str, found: dict[str, JsonValue]) -> str:
        message = before.encode() + b"\n" + canonical_json(found)
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()

    def _write(self, lines: bytes) -> None:
        try:
            is_new = not self._path.exists()
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                before = file.tell()
                try:
                    file.write(lines)
                    file.flush()
                    os.fsync(descriptor)
                except OSError:
                    os.ftruncate(descriptor, before)  # disk full: half an append must not look like a whole one
                    raise
            if is_new:
                self._sync_folder()
        except OSError as error:
            raise LedgerError(
                f"the fallback journal cannot be written: {error.strerror}",
                remedy="check the free space and the rights",
            ) from error

    def _remove(self) -> None:
        try:
            self._path.unlink()
            self._sync_folder()
        except OSError as error:
            raise LedgerError(f"the fallback journal cannot be removed: {error.strerror}") from error

    def _sync_folder(self) -> None:
        descriptor = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    def _journal_at_start(self) -> str:
        """The name in the first line, unchecked; whoever goes on from it checks the rest."""
        try:
            with self._path.open("rb") as file:
                return str(json.loads(file.readline())["journal"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def _refuse_loss(self, position: _Position, ledger: Ledger) -> None:
        """What this process wrote must be in the file, or merged by somebody else."""
        for known in (*self._gone, self._known):
            if not known.journal:
                continue
            kept = position.lines if position.journal == known.journal else _merged_lines(ledger, known.journal)
            if kept < known.lines:
                raise LedgerError(
                    f"{known.lines - kept} lines of the fallback journal that this process wrote are gone",
                    remedy="find out who removed them; a new process goes on without them",
                )
        self._gone.clear()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time; the lock file stays, because a lock on a removed file holds nobody."""
        try:
            descriptor = os.open(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise LedgerError(f"the fallback journal cannot be locked: {error.strerror}", remedy=_REMEDY) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _run_of(journal: str) -> str:
    return f"journal:{journal}"


def _merged_before(ledger: Ledger, found: _Read) -> int:
    """How many of these lines the ledger holds already, each of them just as it stands here.

    Raises:
        LedgerError: other lines were merged under this name: an older copy was put back, and perhaps went on.
    """
    if not found.position.journal:
        return 0
    done, mac = _merged(ledger, found.position.journal)
    if done and (done > len(found.macs) or not hmac.compare_digest(found.macs[done - 1], mac)):
        raise LedgerError(
            "the fallback journal is an older copy of one that was merged; what followed it is not known to be kept",
            remedy=_REMEDY,
        )
    return done


def _merged_lines(ledger: Ledger, journal: str) -> int:
    return _merged(ledger, journal)[0]


def _merged(ledger: Ledger, journal: str) -> tuple[int, str]:
    """How many lines of a journal the ledger holds already, and what signs the last of them."""
    markers = ledger.tail(1, run_id=_run_of(journal))
    if not markers:
        return 0, ""
    lines, mac = markers[0].body.get("lines"), markers[0].body.get("mac")
    if not isinstance(lines, int) or not isinstance(mac, str):
        raise LedgerError("a marker of a merged journal cannot be read", remedy="run `opswarden audit verify`")
    return lines, mac
