"""How fast the ledger writes at full durability, reads back and verifies, beside plain rows and raw writes.

Everything lies in one temporary folder on the disk of the system's temporary files, in one run.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import SecretStr

from opswarden.core.clock import SystemClock
from opswarden.core.keys import FileKeys
from opswarden.core.postgres import PostgresDatabase
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.group_commit import GroupCommit
from opswarden.policies.ledger.checkpoint import sign_checkpoint
from opswarden.policies.ledger.postgres import open_ledger
from opswarden.policies.ledger.record import encode
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.tree import CompactRange, leaf_hash
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.ledger.verify import verify

from .measuring import Figure

_BODY = {
    "tool": "metrics.query",
    "call_id": "c1",
    "decision": "deny",
    "code": "reads.triage",
    "policy_ids": ["reads.triage"],
    "policy_hash": "0" * 64,
    "args": {"service": "checkout", "metric": "latency_p99", "window": "PT15M"},
    "note": "x" * 160,
}
_ENTRY = LedgerEntry("call.decided", "run_1", _BODY)
_RUNS, _S = 5, 0.6
_GROUPS = (1, 8, 64)
_VERIFIED = 40_000
_MILLION = 1_000_000
_WRITE_FLOOR, _VERIFY_FLOOR, _OPEN_BOUND_S = 3_000.0, 40_000.0, 3.0


def _rate(work: Callable[[], int]) -> tuple[float, ...]:
    """Records a second, over several stretches of wall time."""
    found = []
    for _ in range(_RUNS):
        count, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < _S:
            count += work()
        found.append(count / elapsed)
    return tuple(found)


def figures() -> Iterator[Figure]:
    """Records a second of wall time; the disk decides much of it, so the rows beside each other count."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        yield from _written(root)
        yield from _written_by_threads(root)
        yield from _written_to_postgres(root)
        yield from _verified(root)
        yield from _long(root)


def _written(root: Path) -> Iterator[Figure]:
    keys, clock = FileKeys(root / "keys.json"), SystemClock()
    for group in _GROUPS:
        database = SqliteDatabase(root / f"ledger{group}.sqlite")
        ledger = SqliteLedger(database, keys, clock)
        entries = [_ENTRY] * group
        yield Figure(
            f"ledger, {group} a transaction",
            _rate(lambda: len(ledger.append(entries))),  # noqa: B023 - it runs before the next turn
            "rec/s",
            floor=_WRITE_FLOOR if group == max(_GROUPS) else None,
        )
        database.close()
        yield Figure(f"plain SQLite rows, {group} a transaction", _plain_rows(root, group), "rec/s")
        yield Figure(f"raw fdatasync, {group} a write", _raw(root, group), "rec/s")


def _written_by_threads(root: Path) -> Iterator[Figure]:
    """Threads that record one entry at a time, each durable when it is told so."""
    for threads in _GROUPS:
        database = SqliteDatabase(root / f"threads{threads}.sqlite")
        ledger = SqliteLedger(database, FileKeys(root / "keys.json"), SystemClock())
        yield Figure(
            f"ledger, group commit, {threads} threads",
            _rate_of_threads(GroupCommit(database, ledger), ledger, threads),
            "rec/s",
            floor=_WRITE_FLOOR if threads == max(_GROUPS) else None,
        )
        database.close()


def _rate_of_threads(commits: GroupCommit, ledger: SqliteLedger, threads: int) -> tuple[float, ...]:
    found = []
    for _ in range(_RUNS):
        counts = [0] * threads
        ready = threading.Barrier(threads + 1)

        def work(number: int, counts: list[int] = counts, ready: threading.Barrier = ready) -> None:
            # Threads of a gate live long: their first record, which opens a connection, is not what is measured.
            commits.run(lambda connection: ledger.append([_ENTRY], connection=connection))
            ready.wait()
            ends = time.perf_counter() + _S
            while time.perf_counter() < ends:
                commits.run(lambda connection: ledger.append([_ENTRY], connection=connection))
                counts[number] += 1

        workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        ready.wait()
        start = time.perf_counter()
        for worker in workers:
            worker.join()
        found.append(sum(counts) / (time.perf_counter() - start))
    return tuple(found)


def _written_to_postgres(root: Path) -> Iterator[Figure]:
    """The same in the empty PostgreSQL database that `BENCH_POSTGRES_URL` names, beside plain rows in it."""
    url = os.environ.get("BENCH_POSTGRES_URL")
    if not url:
        return
    database = PostgresDatabase(SecretStr(url))
    ledger = open_ledger(database, FileKeys(root / "keys.json"), SystemClock())
    for group in _GROUPS:
        entries = [_ENTRY] * group
        yield Figure(f"PostgreSQL ledger, {group} a transaction", _rate(lambda: len(ledger.append(entries))), "rec/s")  # noqa: B023 - as above
    database.migrate("bench", [(1, "CREATE TABLE bench (body TEXT)")])

    def plain() -> int:
        with database.transaction() as connection:
            connection.execute("INSERT INTO bench (body) VALUES (?)", (str(_BODY),))
        return 1

    yield Figure("PostgreSQL plain rows, 1 a transaction", _rate(plain), "rec/s")
    for threads in _GROUPS:
        rates = _rate_of_threads(GroupCommit(database, ledger), ledger, threads)
        yield Figure(f"PostgreSQL ledger, group commit, {threads} threads", rates, "rec/s")
    database.close()


def _plain_rows(root: Path, group: int) -> tuple[float, ...]:
    connection = sqlite3.connect(root / f"plain{group}.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)")
    rows = [(str(_BODY),)] * group

    def write() -> int:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO t (body) VALUES (?)", rows)
        connection.execute("COMMIT")
        return group

    try:
        return _rate(write)
    finally:
        connection.close()


def _raw(root: Path, group: int) -> tuple[float, ...]:
    content = (str(_BODY) + "\n").encode() * group
    handle = os.open(root / f"raw{group}", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def write() -> int:
        os.write(handle, content)
        os.fdatasync(handle)
        return group

    try:
        return _rate(write)
    finally:
        os.close(handle)


def _verified(root: Path) -> Iterator[Figure]:
    keys = FileKeys(root / "keys.json")
    path = root / "long.sqlite"
    database = SqliteDatabase(path)
    ledger = SqliteLedger(database, keys, SystemClock())
    for _ in range(0, _VERIFIED, 1_000):
        ledger.append([_ENTRY] * 1_000)
    rates, opened = [], []
    for _ in range(3):
        start = time.perf_counter()
        found = verify(database, keys.public_key(), origin=ledger.origin)
        rates.append(found.entries / (time.perf_counter() - start))
        if not found.ok:
            raise AssertionError(found.problem)
        start = time.perf_counter()
        again = SqliteDatabase(path)
        SqliteLedger(again, keys, SystemClock()).append([_ENTRY])
        opened.append(time.perf_counter() - start)
        again.close()
    yield Figure(f"verify, {_VERIFIED:,} entries", tuple(rates), "entries/s", floor=_VERIFY_FLOOR)
    yield Figure(f"open and write one entry, {_VERIFIED:,} entries", tuple(opened), "s", bound=_OPEN_BOUND_S)
    database.close()


def _long(root: Path) -> Iterator[Figure]:
    """A ledger of a million entries, written in a few large transactions past `append`, then opened as it is used."""
    keys, clock, path = FileKeys(root / "keys.json"), SystemClock(), root / "million.sqlite"
    database = SqliteDatabase(path)
    origin = SqliteLedger(database, keys, clock).origin
    tree, now = CompactRange(), clock.now()
    body = encode(0, now, LedgerEntry("run.ended", "run_1", {"note": "x" * 160})).decode()
    start, _, end = body.partition('"seq":0')
    for first in range(0, _MILLION, _MILLION // 10):
        rows = []
        for seq in range(first, first + _MILLION // 10):
            text = f'{start}"seq":{seq}{end}'
            leaf = leaf_hash(text.encode())
            tree.append(leaf)
            rows.append((seq, leaf, text))
        head = sign_checkpoint(origin, tree.size, tree.root(), keys)
        with database.transaction() as connection:
            connection.executemany("INSERT INTO entry (seq, leaf, body) VALUES (?, ?, ?)", rows)
            connection.execute("INSERT INTO checkpoint VALUES (?, ?)", (head.size, head.note))
            connection.execute("DELETE FROM frontier")
            connection.execute("INSERT INTO frontier VALUES (0, ?, ?)", (tree.size, tree.to_bytes()))
    database.close()
    opened = []
    for _ in range(5):
        began = time.perf_counter()
        again = SqliteDatabase(path)
        ledger = SqliteLedger(again, keys, clock)
        ledger.append([_ENTRY])
        ledger.tail(20)
        opened.append(time.perf_counter() - began)
        again.close()
    yield Figure(f"open, write one, read 20, {_MILLION:,} entries", tuple(opened), "s", bound=_OPEN_BOUND_S)
