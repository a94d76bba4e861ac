from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.errors import LedgerError
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.fallback import FallbackJournal
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.ledger.verify import verify


def entry(number: int) -> LedgerEntry:
    return LedgerEntry("call.outcome", f"run_{number % 2}", {"call_id": f"c{number}", "cpu": number / 4, "é": "ü"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fallback-journal.jsonl"


@pytest.fixture
def journal(path: Path, keys: FileKeys, clock: FixedClock) -> FallbackJournal:
    return FallbackJournal(path, keys, clock)


def fill(journal: FallbackJournal, clock: FixedClock, count: int = 4) -> None:
    for number in range(count):
        journal.append([entry(number)])
        clock.advance(10)


def test_what_is_recorded_is_read_back_with_its_time(journal: FallbackJournal, clock: FixedClock, path: Path) -> None:
    start = clock.now()
    fill(journal, clock)
    found = journal.read()
    assert [(one.kind, one.run_id, one.body) for one in found] == [
        (entry(number).kind, entry(number).run_id, entry(number).body) for number in range(4)
    ]
    assert [one.journal_ts for one in found] == [start + timedelta(seconds=10 * number) for number in range(4)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_journal_that_was_never_needed_is_empty(journal: FallbackJournal, ledger: SqliteLedger, path: Path) -> None:
    journal.append([])
    assert journal.read() == []
    assert journal.merge_into(ledger) == 0
    assert not path.exists()
    assert ledger.tail(1) == []


def edit_line(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace("c1", "c9"), *lines[2:]]


def resign_without_key(lines: list[str]) -> list[str]:
    found = json.loads(lines[1]) | {"mac": "0" * 64}
    return [lines[0], json.dumps(found, sort_keys=True, separators=(",", ":")), *lines[2:]]


TAMPERING = {
    "a line edited": (edit_line, 2),
    "a line signed without the key": (resign_without_key, 2),
    "the first line removed": (lambda lines: lines[1:], 1),
    "a middle line removed": (lambda lines: [*lines[:1], *lines[2:]], 2),
    "two lines swapped": (lambda lines: [lines[0], lines[2], lines[1], lines[3]], 2),
    "a line repeated": (lambda lines: [*lines, lines[-1]], 5),
    "a line that is no JSON": (lambda lines: [*lines, "{"], 5),
    "a line of another shape": (lambda lines: [*lines, "[1]"], 5),
    "a mac of another type": (lambda lines: [*lines[:3], lines[3].replace('"mac":"', '"mac":["') + "]}"], 4),
}


@pytest.mark.parametrize("case", TAMPERING)
def test_tampering_names_the_line_and_keeps_the_journal_out_of_the_ledger(
    journal: FallbackJournal, clock: FixedClock, path: Path, keys: FileKeys, ledger: SqliteLedger, case: str
) -> None:
    fill(journal, clock)
    tamper, line = TAMPERING[case]
    path.write_text("\n".join(tamper(path.read_text().splitlines())) + "\n")
    fresh = FallbackJournal(path, keys, clock)
    for use in (fresh.read, lambda: fresh.merge_into(ledger), lambda: fresh.append([entry(9)])):
        with pytest.raises(LedgerError, match=f"line {line} of the fallback journal"):
            use()
    assert ledger.tail(9) == []
    assert path.exists()


def test_another_key_does_not_verify(journal: FallbackJournal, clock: FixedClock, path: Path, tmp_path: Path) -> None:
    fill(journal, clock)
    with pytest.raises(LedgerError, match="line 1"):
        FallbackJournal(path, FileKeys(tmp_path / "other.json"), clock).read()


def test_lines_cut_off_are_missed_by_the_process_that_wrote_them(
    journal: FallbackJournal, clock: FixedClock, path: Path, ledger: SqliteLedger
) -> None:
    fill(journal, clock)
    whole = path.read_text().splitlines(keepends=True)
    path.write_text("".join(whole[:2]))
    with pytest.raises(LedgerError, match="was cut"):
        journal.append([entry(9)])
    with pytest.raises(LedgerError, match="2 lines of the fallback journal"):
        journal.merge_into(ledger)
    path.unlink()
    with pytest.raises(LedgerError, match="4 lines of the fallback journal"):
        journal.merge_into(ledger)
    journal.append([entry(9)])  # a new journal begins; the loss of the old one is not forgotten
    with pytest.raises(LedgerError, match="4 lines of the fallback journal"):
        journal.merge_into(ledger)
    path.write_text("".join(whole))


def test_merging_moves_everything_once_with_its_own_times(
    journal: FallbackJournal,
    clock: FixedClock,
    path: Path,
    ledger: SqliteLedger,
    database: SqliteDatabase,
    keys: FileKeys,
) -> None:
    ledger.append([entry(7)])
    start = clock.now()
    fill(journal, clock)
    assert journal.merge_into(ledger) == 4
    stored = list(ledger.entries())
    assert [one.kind for one in stored] == ["call.outcome", "journal.merged", *["call.outcome"] * 4]
    assert stored[1].body["lines"] == 4
    assert [one.journal_ts for one in stored[2:]] == [start + timedelta(seconds=10 * number) for number in range(4)]
    assert all(one.ts == clock.now() for one in stored[1:])
    assert [one.body for one in stored[2:]] == [entry(number).body for number in range(4)]
    assert not path.exists()
    assert journal.merge_into(ledger) == 0
    assert len(list(ledger.entries())) == 6
    assert verify(database, keys.public_key()).ok
    # The next outage starts a new journal.
    journal.append([entry(5)])
    assert journal.merge_into(ledger) == 1
    assert ledger.tail(1)[0].body == entry(5).body


class Down:
    """A ledger that fails: before anything is stored, or after everything is."""

    def __init__(self, ledger: SqliteLedger, *, after: bool) -> None:
        self._ledger = ledger
        self._after = after

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)

    def append(self, entries: Sequence[LedgerEntry], **_: object) -> tuple[int, ...]:
        if self._after:
            self._ledger.append(entries)
        raise LedgerError("down")


@pytest.mark.parametrize("after", [False, True], ids=["before the ledger has it", "after the ledger has it"])
def test_a_merge_that_breaks_off_is_repeated_without_loss_or_repetition(
    journal: FallbackJournal, clock: FixedClock, path: Path, keys: FileKeys, ledger: SqliteLedger, after: bool
) -> None:
    fill(journal, clock)
    with pytest.raises(LedgerError, match="down"):
        journal.merge_into(Down(ledger, after=after))
    again = FallbackJournal(path, keys, clock)  # a new process
    again.append([entry(4)])
    assert again.merge_into(ledger) == (1 if after else 5)
    merged = [one.body["call_id"] for one in ledger.entries() if one.kind == "call.outcome"]
    assert merged == [f"c{number}" for number in range(5)]
    assert not path.exists()


@pytest.mark.parametrize("more", [0, 1, 5], ids=["as it was", "gone on from", "gone on beyond what was merged"])
def test_an_older_copy_put_back_after_the_merge_swallows_nothing(
    journal: FallbackJournal, clock: FixedClock, path: Path, keys: FileKeys, ledger: SqliteLedger, more: int
) -> None:
    fill(journal, clock, 2)
    older = path.read_bytes()
    fill(journal, clock, 3)
    assert journal.merge_into(ledger) == 5
    path.write_bytes(older)
    again = FallbackJournal(path, keys, clock)
    for number in range(more):
        again.append([entry(20 + number)])
    with pytest.raises(LedgerError, match="older copy"):
        again.merge_into(ledger)
    with pytest.raises(LedgerError, match="older copy"):
        again.waiting(ledger)
    assert len(again.read()) == 2 + more, "the lines stay for the investigation"
    path.unlink()
    assert FallbackJournal(path, keys, clock).merge_into(ledger) == 0


def test_a_whole_copy_put_back_after_the_merge_is_merged_no_second_time(
    journal: FallbackJournal, clock: FixedClock, path: Path, keys: FileKeys, ledger: SqliteLedger
) -> None:
    fill(journal, clock)
    whole = path.read_bytes()
    assert journal.merge_into(ledger) == 4
    path.write_bytes(whole)
    again = FallbackJournal(path, keys, clock)
    again.append([entry(9)])
    assert again.merge_into(ledger) == 1
    assert len(list(ledger.entries())) == 4 + 1 + 2


def test_a_torn_last_line_is_what_a_crash_left_and_is_dropped(
    journal: FallbackJournal, clock: FixedClock, path: Path, keys: FileKeys
) -> None:
    fill(journal, clock)
    whole = path.read_bytes()
    for cut in (len(whole) - 1, len(whole) - 40):
        path.write_bytes(whole[:cut])
        fresh = FallbackJournal(path, keys, clock)
        fresh.append([entry(8)])
        assert [one.body["call_id"] for one in FallbackJournal(path, keys, clock).read()] == ["c0", "c1", "c2", "c8"]


WRITER = """
import sys
from pathlib import Path
from opswarden.core.clock import SystemClock
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.fallback import FallbackJournal
from opswarden.policies.ledger.types import LedgerEntry

folder, worker, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
journal = FallbackJournal(folder / "fallback-journal.jsonl", FileKeys(folder / "keys.json"), SystemClock())
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    journal.append([LedgerEntry("call.outcome", worker, {"n": number})] * 2)
    print(number, flush=True)
"""


def start_writer(folder: Path, worker: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), worker, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_several_processes_write_one_chain(tmp_path: Path, journal: FallbackJournal, ledger: SqliteLedger) -> None:
    writers = [start_writer(tmp_path, str(worker), 60) for worker in range(3)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:  # all at once
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    found = journal.read()
    assert len(found) == 360
    for worker in range(3):
        assert [one.body["n"] for one in found if one.run_id == str(worker)][::2] == list(range(60))
    assert journal.merge_into(ledger) == 360


def test_kill_9_loses_no_line_that_was_told_as_recorded(
    tmp_path: Path, path: Path, keys: FileKeys, clock: FixedClock
) -> None:
    writer = start_writer(tmp_path, "w", 100_000)
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == "ready\n"
    writer.stdin.close()
    told = [writer.stdout.readline() for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    told += writer.stdout.read().splitlines(keepends=True)
    writer.stdout.close()
    writer.wait()
    last = max(int(line) for line in told if line.endswith("\n"))
    found = FallbackJournal(path, keys, clock).read()
    assert [one.body["n"] for one in found][: 2 * last + 2] == [n for n in range(last + 1) for _ in (0, 1)]


def test_a_folder_that_cannot_be_written_is_a_ledger_error(tmp_path: Path, keys: FileKeys, clock: FixedClock) -> None:
    missing = FallbackJournal(tmp_path / "missing" / "journal.jsonl", keys, clock)
    with pytest.raises(LedgerError, match="fallback journal"):
        missing.append([entry(0)])


def test_an_entry_that_is_no_canonical_json_is_refused_whole(journal: FallbackJournal) -> None:
    with pytest.raises(LedgerError, match="canonical"):
        journal.append([entry(0), LedgerEntry("call.outcome", "run", {"n": 2**60})])
    assert journal.read() == []
