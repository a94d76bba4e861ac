"""The file of heads outside: what goes in, what is refused, and what a crash leaves."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.errors import BackendError, InputError
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.anchor import MAX_ANCHOR_BYTES, Anchoring, anchor, parse_anchor
from opswarden.policies.ledger.checkpoint import DEFAULT_ORIGIN, sign_checkpoint
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.ledger.verify import verify

Append = Callable[[int], None]
AnchorIt = Callable[[], Anchoring]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    return tmp_path / "outside" / "heads.txt"


@pytest.fixture
def append(ledger: SqliteLedger) -> Append:
    def run(count: int) -> None:
        ledger.append([LedgerEntry("call.decided", "run", {"n": number}) for number in range(count)])

    return run


@pytest.fixture
def anchor_it(file: Path, ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys) -> AnchorIt:
    return lambda: anchor(file, ledger, database, keys.public_key())


def sizes(file: Path, keys: FileKeys) -> list[int]:
    return [
        head.size for head in parse_anchor(file.read_bytes(), DEFAULT_ORIGIN).heads(DEFAULT_ORIGIN, keys.public_key())
    ]


def test_heads_go_in_once_each_and_verify_reads_them(
    file: Path, append: Append, anchor_it: AnchorIt, ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys
) -> None:
    assert anchor_it() == Anchoring("empty", 0)
    append(3)
    assert anchor_it() == Anchoring("appended", 3, is_new=True)
    one = ledger.head()
    assert one is not None
    assert file.read_text() == one.note
    assert anchor_it() == Anchoring("unchanged", 3)
    append(4)
    assert anchor_it() == Anchoring("appended", 7)
    two = ledger.head()
    assert two is not None
    assert file.read_text() == f"{one.note}\n{two.note}"
    assert anchor_it().status == "unchanged"
    heads = parse_anchor(file.read_bytes(), ledger.origin).heads(ledger.origin, keys.public_key())
    assert heads == [one, two]
    assert verify(database, keys.public_key(), trusted_heads=heads).is_anchored


def test_a_ledger_that_was_cut_or_written_anew_is_refused(
    file: Path, append: Append, anchor_it: AnchorIt, keys: FileKeys, clock: FixedClock, tmp_path: Path
) -> None:
    append(5)
    anchor_it()
    before = file.read_bytes()

    def from_anew(name: str, count: int) -> Anchoring:
        database = SqliteDatabase(tmp_path / name)
        ledger = SqliteLedger(database, keys, clock)
        if count:
            ledger.append([LedgerEntry("call.decided", "other", {"n": n}) for n in range(count)])
        found = anchor(file, ledger, database, keys.public_key())
        database.close()
        return found

    for name, count, told in [("a", 0, "empty"), ("b", 4, "cut off"), ("c", 5, "rewritten"), ("d", 9, "rewritten")]:
        found = from_anew(name, count)
        assert (found.status, found.size) == ("refused", 5)
        assert told in found.problem
        assert file.read_bytes() == before


@pytest.mark.parametrize("is_first", [True, False])
def test_entries_that_do_not_lead_to_the_head_are_refused(
    is_first: bool, file: Path, append: Append, anchor_it: AnchorIt, database: SqliteDatabase
) -> None:
    append(2)
    if not is_first:
        anchor_it()
    append(2)
    database.connection().execute("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 3")
    assert anchor_it().status == "refused"


def test_a_head_torn_at_any_byte_is_mended_and_told(
    file: Path, append: Append, anchor_it: AnchorIt, ledger: SqliteLedger, keys: FileKeys
) -> None:
    append(1)
    anchor_it()
    first = file.read_bytes()
    append(1)
    anchor_it()
    both = file.read_bytes()
    for content, whole, kept in [(first, 0, []), (both, len(first), [1])]:
        for end in range(whole + 1, len(content)):
            file.write_bytes(content[:end])
            known = parse_anchor(content[:end], ledger.origin)
            assert (known.whole_bytes, known.torn_bytes) == (whole, end - whole)
            assert [head.size for head in known.heads(ledger.origin, keys.public_key())] == kept
            found = anchor_it()
            assert (found.status, found.torn_bytes) == ("appended", end - whole)
            assert sizes(file, keys) == [*kept, 2]
    # Where there is nothing new to add, what is torn goes all the same.
    file.write_bytes(both + b"\nopswarden/led")
    assert anchor_it() == Anchoring("unchanged", 2, torn_bytes=14)
    assert file.read_bytes() == both


def test_a_refusal_leaves_what_is_torn(
    file: Path, append: Append, anchor_it: AnchorIt, database: SqliteDatabase
) -> None:
    append(2)
    anchor_it()
    torn = file.read_bytes() + b"\nopswarden/ledger\n3"
    file.write_bytes(torn)
    append(1)
    database.connection().execute("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 2")
    assert anchor_it().status == "refused"
    assert file.read_bytes() == torn


def others(note: str) -> dict[str, bytes]:
    text, line = note.split("\n\n")
    return {
        "another text": b"127.0.0.1 localhost\n",
        "a damaged head before a whole one": (note.replace("\n\n", "\nX") + "\n" + note).encode(),
        "a damaged whole head at the end": (note + "\n" + note.replace("\n\n", "\nX")).encode(),
        "more lines than a head has": (note + "\n" + text + "\nx\ny").encode(),
        "text after a head": (note + "\nhello\n").encode(),
        "bytes": (note + "\n").encode() + bytes(64),
        "a long loose end": (note + "\n" + "opswarden/ledger\n" + "1" * 5_000).encode(),
        "no text": note.encode() + b"\nopswarden/ledger\n1\n\xff\n\n" + line.encode(),
        "a wrong signature": note.replace("\n1\n", "\n2\n").encode(),
    }


@pytest.mark.parametrize("case", others("opswarden/ledger\n1\nx\n\n— a b\n"))
def test_what_is_no_file_of_our_heads_stays_as_it_is(
    case: str, file: Path, append: Append, anchor_it: AnchorIt
) -> None:
    append(1)
    anchor_it()
    content = others(file.read_text())[case]
    file.write_bytes(content)
    append(1)
    with pytest.raises(InputError):
        anchor_it()
    assert file.read_bytes() == content


def test_heads_of_another_key_are_refused(file: Path, append: Append, anchor_it: AnchorIt, tmp_path: Path) -> None:
    append(2)
    file.write_text(sign_checkpoint(DEFAULT_ORIGIN, 1, bytes(32), FileKeys(tmp_path / "other.json")).note)
    with pytest.raises(InputError, match="not one of this ledger"):
        anchor_it()


def test_heads_put_together_by_hand_are_read(append: Append, ledger: SqliteLedger, keys: FileKeys) -> None:
    notes: list[str] = []
    for _ in range(3):
        append(1)
        head = ledger.head()
        assert head is not None
        notes.append(head.note)
    found = parse_anchor("".join(notes).encode(), ledger.origin)
    assert [head.size for head in found.heads(ledger.origin, keys.public_key())] == [1, 2, 3]


@pytest.mark.parametrize("unit", [b"a\n", b"a", b"\n", "— a\n".encode(), b"a\n\n"])
def test_a_hostile_file_is_refused_quickly(unit: bytes) -> None:
    started = time.process_time()
    with pytest.raises(InputError):
        parse_anchor(unit * (MAX_ANCHOR_BYTES // 8 // len(unit)), DEFAULT_ORIGIN)
    assert time.process_time() - started < 5


def test_sizes_and_kinds_of_files_are_limited(
    tmp_path: Path, append: Append, ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys
) -> None:
    append(1)
    with pytest.raises(InputError, match="at most"):
        parse_anchor(bytes(MAX_ANCHOR_BYTES + 1), DEFAULT_ORIGIN)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="no ordinary file"):
        anchor(tmp_path / "pipe", ledger, database, keys.public_key())
    with pytest.raises(BackendError, match="cannot be read or written"):
        anchor(tmp_path / "not mounted" / "heads.txt", ledger, database, keys.public_key())
    assert not (tmp_path / "not mounted").exists()


def test_a_full_disk_leaves_the_file_as_it_was(
    file: Path, append: Append, anchor_it: AnchorIt, keys: FileKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(1)
    anchor_it()
    before = file.read_bytes()
    append(1)
    real = os.write
    calls: list[int] = []

    def write(descriptor: int, content: bytes) -> int:
        calls.append(descriptor)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(descriptor, bytes(content)[:10])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(BackendError, match="No space left"):
        anchor_it()
    monkeypatch.undo()
    assert file.read_bytes() == before
    assert anchor_it().status == "appended"
    assert sizes(file, keys) == [1, 2]


def test_many_at_once_write_one_line_of_heads(
    file: Path, append: Append, ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys
) -> None:
    found: list[Anchoring] = []

    def run() -> None:
        for _ in range(10):
            append(1)
            found.append(anchor(file, ledger, database, keys.public_key()))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.status for one in found} <= {"appended", "unchanged"}
    written = sizes(file, keys)
    assert written == sorted(set(written))
    assert written[-1] == 40


# A disk that takes one byte at a time, so that most kills come in the middle of a head.
WRITER = """
import os, sys, time
from pathlib import Path
from opswarden.core.clock import SystemClock
from opswarden.core.sqlite import SqliteDatabase
from opswarden.core.keys import FileKeys
from opswarden.policies.ledger.anchor import anchor
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry

real = os.write
def write(descriptor, content):
    time.sleep(0.0002)
    return real(descriptor, bytes(content)[:1])
os.write = write

folder = Path(sys.argv[1])
database, keys = SqliteDatabase(folder / "ledger.sqlite"), FileKeys(folder / "keys.json")
ledger = SqliteLedger(database, keys, SystemClock())
while True:
    ledger.append([LedgerEntry("call.decided", "run", {})])
    found = anchor(folder / "outside" / "heads.txt", ledger, database, keys.public_key())
    sys.stdout.write(f"{found.status} {found.size} {found.torn_bytes}\\n")
    sys.stdout.flush()
"""


def test_kill_9_in_the_middle_loses_no_head_that_was_told(file: Path, tmp_path: Path, keys: FileKeys) -> None:
    dice = random.Random(11)
    told: list[int] = []
    torn = 0
    for _ in range(8):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(dice.uniform(0.0, 0.15))
        writer.send_signal(signal.SIGKILL)
        lines = [line for line in [first, *writer.stdout.read().splitlines(keepends=True)] if line.endswith("\n")]
        writer.stdout.close()
        writer.wait()
        assert lines
        for line in lines:
            status, size, cut = line.split()
            assert status == "appended"
            told.append(int(size))
            torn += int(cut) > 0
        database = SqliteDatabase(tmp_path / "ledger.sqlite")
        known = parse_anchor(file.read_bytes(), DEFAULT_ORIGIN)
        heads = known.heads(DEFAULT_ORIGIN, keys.public_key())
        assert set(told) <= {head.size for head in heads}
        assert verify(database, keys.public_key(), trusted_heads=heads).ok
        database.close()
    assert torn > 0
