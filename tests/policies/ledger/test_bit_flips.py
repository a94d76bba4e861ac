"""Single bits flipped anywhere in the database file: reported as bad, or every table of the ledger reads as before.

The file holds what a real one does: entries with and without payloads, erased ones, pages that are free, tables of
others. `make test` takes a seeded sample, `make soak` a thousand.
"""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.errors import OpswardenError
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.erasure import Erasures, Selector
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.ledger.verify import verify

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RUNS = ("run_a", "run_b", "run_c")
SAMPLE, SOAK = 60, 1_000


@dataclass(frozen=True)
class Original:
    content: bytes
    keys: FileKeys
    truth: dict[str, list[tuple[Any, ...]]]
    entries: int


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    folder = tmp_path_factory.mktemp("flipped")
    keys, clock = FileKeys(folder / "keys.json"), FixedClock(START)
    database = SqliteDatabase(folder / "whole.sqlite")
    ledger = SqliteLedger(database, keys, clock)
    for number in range(24):
        run_id = RUNS[number % 3]
        args = {"query": f"what was {number}", "note": "x" * (40 * number)}
        decided = {"call_id": f"c{number}", "tool": "logs.search", "decision": "allow", "args": args}
        outcome = {"call_id": f"c{number}", "tool": "logs.search", "status": "ok", "summary": [number] * 30}
        ledger.append([LedgerEntry("call.decided", run_id, decided)])
        ledger.append([LedgerEntry("call.outcome", run_id, outcome), LedgerEntry("run.ended", run_id, {"n": number})])
        clock.advance(1)
    erasures = Erasures(ledger, database, clock, str, roles=frozenset({"e"}), run_id="installation")
    erasures.erase(Selector(run_id="run_b"), person="person:ann", roles=frozenset({"e"}), reason="asked for")
    connection = database.connection()
    connection.execute("CREATE TABLE of_others (id INTEGER PRIMARY KEY, text TEXT)")
    connection.executemany("INSERT INTO of_others (text) VALUES (?)", [("y" * 900,)] * 40)
    connection.execute("DELETE FROM of_others WHERE id > 10")  # whole pages are free now
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert connection.execute("PRAGMA freelist_count").fetchone()[0] > 3
    entries = 1 + ledger.tail(1)[0].seq
    database.close()
    path = folder / "whole.sqlite"
    return Original(path.read_bytes(), keys, everything(path), entries)


def everything(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of the ledger as it reads, and the entries as the index of runs gives them."""
    queries = {
        "entry": "SELECT seq, leaf, body, run_id, tool FROM entry ORDER BY seq",
        "by run": "SELECT run_id, seq FROM entry INDEXED BY entry_by_run ORDER BY run_id, seq",
        "payload": "SELECT seq, salt, content, erased_by FROM payload ORDER BY seq",
        "checkpoint": "SELECT size, note FROM checkpoint ORDER BY size",
        "frontier": "SELECT size, hashes FROM frontier",
    }
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}


def flipped(original: Original, path: Path, seed: int) -> str:
    """`bad` or `harmless`; anything else is a failure of the test."""
    content = bytearray(original.content)
    place = random.Random(seed).randrange(len(content) * 8)
    content[place // 8] ^= 1 << (place % 8)
    path.write_bytes(bytes(content))
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()
    database = SqliteDatabase(path)
    try:
        found = verify(database, original.keys.public_key())
    except OpswardenError:
        return "bad"  # it cannot even be opened, and says so
    finally:
        database.close()
    if not found.ok:
        assert found.problem
        return "bad"
    assert found.entries == original.entries
    assert everything(path) == original.truth, f"bit {place} went unseen (seed {seed})"
    return "harmless"


def count(original: Original, folder: Path, seeds: range) -> Counter[str]:
    return Counter(flipped(original, folder / "flipped.sqlite", seed) for seed in seeds)


def test_a_sample_of_bits_is_reported_or_harmless(original: Original, tmp_path: Path) -> None:
    found = count(original, tmp_path, range(SAMPLE))
    # Much of the file is free pages and what an erasure left blank; both kinds have to occur.
    assert min(found["bad"], found["harmless"]) > SAMPLE // 6


@pytest.mark.soak
def test_a_thousand_bits_are_reported_or_harmless(original: Original, tmp_path: Path) -> None:
    found = count(original, tmp_path, range(SAMPLE, SAMPLE + SOAK))
    assert found.total() == SOAK
    assert min(found["bad"], found["harmless"]) > SOAK // 6
