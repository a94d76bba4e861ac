"""What only the shared ledger has: rights, columns beside the body, and a server that can be tampered with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from opswarden.apps.databases import prepare
from opswarden.core.clock import FixedClock
from opswarden.core.errors import LedgerError
from opswarden.core.keys import FileKeys
from opswarden.core.postgres import PostgresDatabase
from opswarden.policies.ledger.postgres import PostgresLedger, open_ledger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.ledger.verify import verify
from opswarden.tests.postgres_peer import WRITER, PostgresPeer


def entry(number: int, run: str = "run_a", tool: str = "metrics.query") -> LedgerEntry:
    return LedgerEntry("call.decided", run, {"call_id": f"c{number}", "tool": tool, "decision": "deny"})


@pytest.fixture
def name(postgres: PostgresPeer) -> str:
    name = postgres.new_database()
    owner = PostgresDatabase(postgres.url(name))
    assert prepare(owner, WRITER) == ["entry", "checkpoint"]
    owner.close()
    return name


@pytest.fixture
def writer(postgres: PostgresPeer, name: str) -> Iterator[PostgresDatabase]:
    opened = PostgresDatabase(postgres.url(name, WRITER))
    yield opened
    opened.close()


@pytest.fixture
def ledger(writer: PostgresDatabase, keys: FileKeys, clock: FixedClock) -> PostgresLedger:
    ledger = open_ledger(writer, keys, clock)
    assert isinstance(ledger, PostgresLedger)
    ledger.append([entry(number) for number in range(3)])
    ledger.append([entry(3)])
    return ledger


CHANGES = [
    "UPDATE entry SET body = body",
    "UPDATE entry SET body = '{}' WHERE seq = 1",
    "DELETE FROM entry WHERE seq = 3",
    "TRUNCATE entry",
    "DELETE FROM checkpoint WHERE size = 4",
    "UPDATE checkpoint SET note = ''",
    "TRUNCATE checkpoint",
    "INSERT INTO entry (seq, leaf, body, run_id) VALUES (1, '', '', '') ON CONFLICT (seq) DO UPDATE SET body = ''",
    "ALTER TABLE entry DISABLE TRIGGER USER",
    "DROP TABLE entry",
]


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_writes_can_neither_change_nor_remove(
    ledger: PostgresLedger, writer: PostgresDatabase, keys: FileKeys, change: str
) -> None:
    with pytest.raises(LedgerError, match="42501"), writer.transaction() as connection:
        connection.execute(change)
    assert verify(writer, keys.public_key()).ok
    assert ledger.append([entry(4)]) == (4,)


@pytest.mark.parametrize("change", CHANGES[:7])
def test_nor_can_the_owner_by_mistake(ledger: PostgresLedger, postgres: PostgresPeer, name: str, change: str) -> None:
    owner = PostgresDatabase(postgres.url(name))
    with pytest.raises(LedgerError, match="records are only added"), owner.transaction() as connection:
        connection.execute(change)
    owner.close()


FORGED = "INSERT INTO entry (seq, leaf, body, run_id) VALUES (4, '\\x00', '{}', 'run_a')"
TAMPERED: list[tuple[str, str, int | None]] = [
    ("UPDATE entry SET body = replace(body, 'deny', 'allow') WHERE seq = 1", "does not match its hash", 1),
    ("DELETE FROM entry WHERE seq = 3", "the end was cut off", 3),
    ("DELETE FROM entry WHERE seq = 1", "entry 1 is missing", 1),
    ("DELETE FROM checkpoint WHERE size = 4", "not signed", 3),
    ("UPDATE checkpoint SET note = replace(note, '3', '4')", "not ours or damaged|stored as", None),
    ("UPDATE frontier SET size = 3", "frontier", None),
    ("UPDATE entry SET run_id = 'run_b' WHERE seq = 2", "entry 2 is not found by its run", None),
    ("UPDATE entry SET tool = NULL WHERE seq = 0", "entry 0 is not found by its run or tool", None),
    (FORGED, "does not match its hash", 4),
]


@pytest.mark.parametrize(("change", "problem", "first_bad"), TAMPERED, ids=[row[0][:40] for row in TAMPERED])
def test_what_the_administrator_changes_is_found(
    ledger: PostgresLedger,
    writer: PostgresDatabase,
    keys: FileKeys,
    postgres: PostgresPeer,
    name: str,
    change: str,
    problem: str,
    first_bad: int | None,
) -> None:
    postgres.run_as_superuser("SET session_replication_role = replica", change, database=name)
    found = verify(writer, keys.public_key())
    assert not found.ok
    import re

    assert re.search(problem, found.problem)
    assert first_bad is None or found.first_bad == first_bad


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM entry WHERE seq = 3",
        "DELETE FROM checkpoint WHERE size = 4",
        "UPDATE frontier SET size = 3, hashes = substr(hashes, 1, 64)",
        "UPDATE frontier SET hashes = '\\x00'",
        "DELETE FROM frontier",
        FORGED,
    ],
)
def test_nothing_is_signed_on_top_of_a_ledger_that_was_changed(
    ledger: PostgresLedger, postgres: PostgresPeer, name: str, change: str
) -> None:
    postgres.run_as_superuser("SET session_replication_role = replica", change, database=name)
    with pytest.raises(LedgerError):
        ledger.append([entry(4)])


def test_the_frontier_is_no_way_in_for_the_writer(ledger: PostgresLedger, writer: PostgresDatabase) -> None:
    with writer.transaction() as connection:
        connection.execute("UPDATE frontier SET hashes = substr(hashes, 1, 31) || substr(hashes, 1, 1)")
    with pytest.raises(LedgerError, match="do not fit together"):
        ledger.append([entry(4)])


def test_a_zero_character_is_kept_and_found_by_its_stand_in(
    ledger: PostgresLedger, writer: PostgresDatabase, keys: FileKeys
) -> None:
    ledger.append([LedgerEntry("call.decided", "run_a", {"tool": "a\0b", "text": "\0\\u0000\\"})])
    assert ledger.read(4).body["tool"] == "a\0b"
    assert [one.seq for one in ledger.tail(2, tool="a\ufffdb")] == [4]
    assert verify(writer, keys.public_key()).ok


WRITER_PROCESS = """
import sys
from pathlib import Path
from pydantic import SecretStr
from opswarden.core.clock import SystemClock
from opswarden.core.keys import FileKeys
from opswarden.core.postgres import PostgresDatabase
from opswarden.policies.ledger.postgres import open_ledger
from opswarden.policies.ledger.types import LedgerEntry

url, folder, worker, count = SecretStr(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
ledger = open_ledger(PostgresDatabase(url, timeout_s=60), FileKeys(folder / "keys.json"), SystemClock())
for number in range(count):
    bodies = [{"n": number, "part": part} for part in range(number % 3 + 1)]
    print(*ledger.append([LedgerEntry("call.decided", "run_" + worker, body) for body in bodies]), flush=True)
"""


def test_four_processes_write_one_ledger_without_a_gap(tmp_path: Path, keys: FileKeys, postgres: PostgresPeer) -> None:
    """The tables do not exist yet either: all four race to make them."""
    url = postgres.url(postgres.new_database()).get_secret_value()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER_PROCESS, url, str(tmp_path), str(worker), "40"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for worker in range(4)
    ]
    told: dict[str, list[list[int]]] = {}
    for worker, writer in enumerate(writers):
        out, err = writer.communicate(timeout=120)
        assert writer.returncode == 0, err
        told[f"run_{worker}"] = [list(map(int, line.split())) for line in out.splitlines()]
    everything = sorted(place for batches in told.values() for batch in batches for place in batch)
    assert everything == list(range(4 * sum(number % 3 + 1 for number in range(40))))
    database = PostgresDatabase(postgres.url(url.rsplit("/", 1)[1]))
    found = verify(database, keys.public_key())
    assert (found.ok, found.entries) == (True, len(everything))
    bodies = {row["seq"]: json.loads(row["body"]) for row in database.connection().execute("SELECT * FROM entry")}
    for run, batches in told.items():
        for number, batch in enumerate(batches):
            assert batch == list(range(batch[0], batch[0] + number % 3 + 1))
            for part, place in enumerate(batch):
                assert (bodies[place]["run_id"], bodies[place]["body"]) == (run, {"n": number, "part": part})
    database.close()
