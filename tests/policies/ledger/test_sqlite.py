from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.errors import InputError, LedgerError
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.checkpoint import open_checkpoint
from opswarden.policies.ledger.postgres import open_ledger
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.tree import leaf_hash, root_of
from opswarden.policies.ledger.types import Ledger, LedgerEntry
from opswarden.policies.ledger.verify import verify
from opswarden.tests.postgres_peer import on_both


def entry(number: int, run: str = "run_a", tool: str = "metrics.query") -> LedgerEntry:
    return LedgerEntry("call.decided", run, {"call_id": f"c{number}", "tool": tool, "decision": "deny"})


@on_both
def test_it_is_a_ledger(ledger: SqliteLedger) -> None:
    as_protocol: Ledger = ledger
    assert as_protocol.head() is None
    assert as_protocol.tail(5) == []
    assert list(as_protocol.entries()) == []


@on_both
def test_what_is_appended_is_read_back(ledger: SqliteLedger, clock: FixedClock) -> None:
    assert ledger.append([entry(0), entry(1)]) == (0, 1)
    clock.advance(1.5)
    late = datetime(2026, 2, 28, 1, 2, 3, 456_000, tzinfo=UTC)
    assert ledger.append([LedgerEntry("call.outcome", "run_b", {"text": "é\u0000\U0001f600"}, late)]) == (2,)
    stored = ledger.read(2)
    assert (stored.seq, stored.kind, stored.run_id, stored.journal_ts) == (2, "call.outcome", "run_b", late)
    assert stored.body == {"text": "é\u0000\U0001f600"}
    assert stored.ts == datetime(2026, 3, 1, 12, 0, 1, 500_000, tzinfo=UTC)
    assert [one.seq for one in ledger.entries()] == [0, 1, 2]
    assert [one.seq for one in ledger.entries(1)] == [1, 2]


@on_both
def test_the_row_is_canonical_json_that_holds_its_own_place(ledger: SqliteLedger, database: SqliteDatabase) -> None:
    ledger.append([entry(0)])
    row = database.connection().execute("SELECT seq, leaf, body FROM entry").fetchone()
    assert row["body"] == (
        '{"body":{"call_id":"c0","decision":"deny","tool":"metrics.query"},"kind":"call.decided",'
        '"run_id":"run_a","seq":0,"ts":"2026-03-01T12:00:00.000Z"}'
    )
    assert row["leaf"] == leaf_hash(row["body"].encode())


@on_both
def test_every_transaction_leaves_a_signed_head_over_everything_so_far(
    ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys
) -> None:
    for size in (1, 2, 4):
        ledger.append([entry(number) for number in range(size)])
    leaves = [one.leaf for one in ledger.entries()]
    heads = database.connection().execute("SELECT size, note FROM checkpoint ORDER BY size").fetchall()
    assert [row["size"] for row in heads] == [1, 3, 7]
    for row in heads:
        head = open_checkpoint(row["note"], "opswarden/ledger", keys.public_key())
        assert head.root == root_of(leaves[: head.size])
    assert ledger.head() == head


@on_both
def test_the_tail_can_be_narrowed_to_a_run_and_a_tool(ledger: SqliteLedger) -> None:
    ledger.append([entry(n, f"run_{n % 2}", "logs.search" if n % 3 else "models.promote") for n in range(12)])
    assert [one.seq for one in ledger.tail(3)] == [9, 10, 11]
    assert [one.seq for one in ledger.tail(3, run_id="run_0")] == [6, 8, 10]
    assert [one.seq for one in ledger.tail(9, tool="models.promote")] == [0, 3, 6, 9]
    assert [one.seq for one in ledger.tail(9, run_id="run_1", tool="models.promote")] == [3, 9]
    assert [one.seq for one in ledger.of_run("run_1")] == [1, 3, 5, 7, 9, 11]
    assert ledger.tail(0) == []
    assert ledger.tail(3, run_id="' OR 1=1 --") == []


@on_both
def test_long_ledgers_are_read_in_pages(ledger: SqliteLedger) -> None:
    ledger.append([entry(number) for number in range(1203)])
    assert [one.seq for one in ledger.entries(2)] == list(range(2, 1203))
    assert sum(1 for _ in ledger.of_run("run_a")) == 1203


@on_both
def test_an_empty_append_leaves_no_trace(ledger: SqliteLedger) -> None:
    assert ledger.append([]) == ()
    assert ledger.head() is None


@on_both
def test_a_place_that_does_not_exist_is_named(ledger: SqliteLedger) -> None:
    with pytest.raises(InputError, match="no entry 7"):
        ledger.read(7)


@on_both
@pytest.mark.parametrize("value", [2**60, float("nan"), "\ud800", object()])
def test_what_is_no_canonical_json_is_refused_whole_and_its_value_not_repeated(
    ledger: SqliteLedger, value: object
) -> None:
    bad = LedgerEntry("call.decided", "run_a", {"secret-name": value})  # type: ignore[dict-item]  # the point of the test
    with pytest.raises(LedgerError, match=r"call\.decided") as caught:
        ledger.append([entry(0), bad])
    assert "secret-name" not in str(caught.value)
    assert str(value) not in str(caught.value)
    assert ledger.tail(9) == []
    assert ledger.append([entry(0)]) == (0,)


@on_both
def test_joining_a_transaction_stands_and_falls_with_it(
    ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys
) -> None:
    ledger.append([entry(0)])

    def break_off(*, hand_over: bool) -> None:
        with database.transaction() as connection:
            joined = connection if hand_over else None  # it joins even where nobody hands the connection over
            assert ledger.append([entry(1)], connection=joined) == (1,)
            assert ledger.append([entry(2)], connection=joined) == (2,)
            raise RuntimeError

    for hand_over in (True, False):
        with pytest.raises(RuntimeError):
            break_off(hand_over=hand_over)
    assert [one.seq for one in ledger.entries()] == [0]
    with database.transaction() as connection:
        connection.execute("CREATE TABLE beside (n INTEGER)")
        ledger.append([entry(1)], connection=connection)
    ledger.append([entry(2)])
    assert [one.seq for one in ledger.entries()] == [0, 1, 2]
    assert verify(database, keys.public_key()).ok


@on_both
def test_a_connection_outside_a_transaction_is_refused(ledger: SqliteLedger, database: SqliteDatabase) -> None:
    with pytest.raises(LedgerError, match="no transaction"):
        ledger.append([entry(0)], connection=database.connection())
    assert ledger.tail(1) == []


def test_an_altered_entry_is_not_handed_out(ledger: SqliteLedger, database: SqliteDatabase) -> None:
    ledger.append([entry(0), entry(1)])
    database.connection().execute("UPDATE entry SET body = replace(body, 'deny', 'allow') WHERE seq = 1")
    assert ledger.read(0).seq == 0
    for look in (lambda: ledger.read(1), lambda: ledger.tail(1), lambda: list(ledger.entries())):
        with pytest.raises(LedgerError, match="entry 1 was altered"):
            look()


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM entry WHERE seq = 2",
        "DELETE FROM checkpoint WHERE size = 3",
        "DELETE FROM frontier",
        "UPDATE frontier SET size = 2, hashes = zeroblob(32)",
        "UPDATE frontier SET hashes = zeroblob(64)",
        "UPDATE frontier SET hashes = zeroblob(7)",
        "UPDATE checkpoint SET note = replace(note, char(10) || '3' || char(10), char(10) || '4' || char(10))",
        "UPDATE checkpoint SET size = 4 WHERE size = 3",
        "DELETE FROM entry",
        "DROP TABLE frontier",
    ],
)
def test_nothing_is_signed_on_top_of_a_ledger_that_was_changed(
    ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys, clock: FixedClock, attack: str
) -> None:
    for number in range(3):
        ledger.append([entry(number)])
    database.connection().execute(attack)
    for writer in (ledger, SqliteLedger(database, keys, clock)):
        with pytest.raises(LedgerError):
            writer.append([entry(3)])


def test_a_process_notices_that_the_ledger_was_set_back(ledger: SqliteLedger, database: SqliteDatabase) -> None:
    """A cut at a signed head is consistent in itself; only the memory of the writer tells."""
    ledger.append([entry(0)])
    saved = database.connection().execute("SELECT size, hashes FROM frontier").fetchone()
    ledger.append([entry(1)])
    with database.transaction() as connection:
        connection.execute("DELETE FROM entry WHERE seq = 1")
        connection.execute("DELETE FROM checkpoint WHERE size = 2")
        connection.execute("UPDATE frontier SET size = ?, hashes = ?", tuple(saved))
    with pytest.raises(LedgerError, match="holds less than this process has recorded"):
        ledger.append([entry(1)])


@on_both
def test_a_ledger_of_another_key_is_not_continued(
    ledger: SqliteLedger, database: SqliteDatabase, clock: FixedClock, tmp_path: Path
) -> None:
    ledger.append([entry(0)])
    stranger = open_ledger(database, FileKeys(tmp_path / "new-keys.json"), clock)
    with pytest.raises(LedgerError, match="no signature by the key"):
        stranger.append([entry(1)])
    with pytest.raises(LedgerError):
        stranger.head()


def test_a_full_disk_is_a_ledger_error_and_leaves_the_ledger_whole(
    ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys
) -> None:
    ledger.append([entry(0)])
    pages = database.connection().execute("PRAGMA page_count").fetchone()[0]
    database.connection().execute(f"PRAGMA max_page_count = {pages}")
    big = LedgerEntry("call.outcome", "run_a", {"text": "x" * 50_000})
    with pytest.raises(LedgerError):
        ledger.append([big])
    with pytest.raises(LedgerError), database.transaction() as connection:
        ledger.append([big], connection=connection)
    database.connection().execute("PRAGMA max_page_count = 100000")
    assert ledger.append([big]) == (1,)
    assert verify(database, keys.public_key()).ok


def test_a_lock_that_does_not_come_free_is_a_ledger_error(
    ledger: SqliteLedger, tmp_path: Path, keys: FileKeys, clock: FixedClock
) -> None:
    impatient = SqliteDatabase(tmp_path / "ledger.sqlite", timeout_s=0.05)
    waiting = SqliteLedger(impatient, keys, clock)
    other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(LedgerError, match="locked"):
            waiting.append([entry(0)])
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert waiting.append([entry(0)]) == (0,)
    impatient.close()


@on_both
def test_a_clock_that_jumps_back_changes_the_time_written_but_not_the_order(
    database: SqliteDatabase, keys: FileKeys
) -> None:
    class Jumping(FixedClock):
        def now(self) -> datetime:
            self.advance(-60)
            return super().now()

    ledger = open_ledger(database, keys, Jumping(datetime(2026, 3, 1, tzinfo=UTC)))
    for number in range(3):
        ledger.append([entry(number)])
    stored = list(ledger.entries())
    assert [one.body["call_id"] for one in stored] == ["c0", "c1", "c2"]
    assert stored[0].ts > stored[1].ts > stored[2].ts
    assert verify(database, keys.public_key()).ok


@on_both
def test_many_threads_write_one_ledger(ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys) -> None:
    places: list[int] = []

    def write(worker: int) -> None:
        for number in range(10):
            places.extend(ledger.append([entry(number, f"run_{worker}"), entry(number, f"run_{worker}")]))

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(places) == list(range(80))
    assert verify(database, keys.public_key()).entries == 80
    assert verify(database, keys.public_key()).ok


WRITER = """
import sys
from pathlib import Path
from opswarden.core.clock import SystemClock
from opswarden.core.sqlite import SqliteDatabase
from opswarden.core.keys import FileKeys
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry

folder, worker, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
database = SqliteDatabase(folder / "ledger.sqlite", timeout_s=60)
ledger = SqliteLedger(database, FileKeys(folder / "keys.json"), SystemClock())
for number in range(count):
    bodies = [{"n": number, "part": part} for part in range(number % 3 + 1)]
    batch = [LedgerEntry("call.decided", "run_" + worker, body) for body in bodies]
    print(*ledger.append(batch), flush=True)
"""


def test_four_processes_write_one_ledger_without_a_gap(tmp_path: Path, keys: FileKeys) -> None:
    """The tables do not exist yet either: all four race to make them."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(worker), "40"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for worker in range(4)
    ]
    told: dict[str, list[tuple[int, ...]]] = {}
    for worker, writer in enumerate(writers):
        out, err = writer.communicate(timeout=120)
        assert writer.returncode == 0, err
        told[f"run_{worker}"] = [tuple(map(int, line.split())) for line in out.splitlines()]
    everything = sorted(place for batches in told.values() for batch in batches for place in batch)
    assert everything == list(range(4 * sum(number % 3 + 1 for number in range(40))))
    database = SqliteDatabase(tmp_path / "ledger.sqlite")
    found = verify(database, keys.public_key())
    assert (found.ok, found.entries) == (True, len(everything))
    # Every batch lies together, in the order of its writer, and holds what its writer wrote.
    for run, batches in told.items():
        assert batches == sorted(batches)
        for number, batch in enumerate(batches):
            assert list(batch) == list(range(batch[0], batch[0] + number % 3 + 1))
            for part, place in enumerate(batch):
                row = database.connection().execute("SELECT body FROM entry WHERE seq = ?", (place,)).fetchone()
                body = json.loads(row["body"])
                assert (body["run_id"], body["body"]) == (run, {"n": number, "part": part})
    database.close()
