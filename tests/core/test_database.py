from __future__ import annotations

import signal
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.database import Migration
from opswarden.core.errors import ConfigError, LedgerError
from opswarden.core.sqlite import SqliteDatabase

FIRST: list[Migration] = [(1, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")]
SECOND: list[Migration] = [
    *FIRST,
    (2, "ALTER TABLE item ADD COLUMN size INTEGER; CREATE INDEX item_name ON item (name)"),
]


def open_database(folder: Path) -> SqliteDatabase:
    database = SqliteDatabase(folder / "x.sqlite", timeout_s=5)
    database.migrate("things", FIRST)
    return database


def test_migrations_run_once_in_order_and_keep_the_rows(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.transaction() as connection:
        connection.execute("INSERT INTO item (name) VALUES ('a')")
    database.migrate("things", SECOND)
    database.migrate("things", SECOND)
    assert [tuple(row) for row in database.connection().execute("SELECT name, size FROM item")] == [("a", None)]
    with pytest.raises(ConfigError, match="version 2"):
        database.migrate("things", FIRST)


def test_a_failing_block_leaves_nothing_behind(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with pytest.raises(RuntimeError), database.transaction() as connection:
        connection.execute("INSERT INTO item (name) VALUES ('a')")
        raise RuntimeError
    assert database.connection().execute("SELECT count(*) FROM item").fetchone()[0] == 0


def test_an_inner_transaction_joins_the_outer_one(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with pytest.raises(RuntimeError), database.transaction():
        with database.transaction() as connection:
            connection.execute("INSERT INTO item (name) VALUES ('a')")
        raise RuntimeError
    assert database.connection().execute("SELECT count(*) FROM item").fetchone()[0] == 0


def test_threads_write_one_after_the_other(tmp_path: Path) -> None:
    database = open_database(tmp_path)

    def write() -> None:
        for _ in range(20):
            with database.transaction() as connection:
                count = connection.execute("SELECT count(*) FROM item").fetchone()[0]
                connection.execute("INSERT INTO item (name) VALUES (?)", (f"n{count}",))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [row[0] for row in database.connection().execute("SELECT name FROM item")]
    assert len(names) == len(set(names)) == 80
    database.close()


def test_a_commit_is_synced_to_the_disk(tmp_path: Path) -> None:
    connection = open_database(tmp_path).connection()
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_file_that_is_no_database_is_a_ledger_error(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"this is no database, " * 100)
    with pytest.raises(LedgerError):
        SqliteDatabase(path).migrate("things", FIRST)


def test_a_full_disk_is_a_ledger_error(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    database.connection().execute("PRAGMA max_page_count = 8")
    with pytest.raises(LedgerError, match="written"), database.transaction() as connection:
        connection.execute("INSERT INTO item (name) VALUES (?)", ("x" * 200_000,))
    assert database.connection().execute("SELECT count(*) FROM item").fetchone()[0] == 0


def test_a_locked_database_is_a_ledger_error(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "x.sqlite", timeout_s=0.05)
    database.migrate("things", FIRST)
    other = sqlite3.connect(tmp_path / "x.sqlite")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError), database.transaction():
        pass
    other.close()


def test_a_database_that_needs_no_migration_is_not_written(tmp_path: Path) -> None:
    open_database(tmp_path).close()
    holder = sqlite3.connect(tmp_path / "x.sqlite")
    holder.execute("BEGIN IMMEDIATE")
    SqliteDatabase(tmp_path / "x.sqlite", timeout_s=0.05).migrate("things", FIRST)
    holder.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
def test_threads_that_have_ended_keep_no_file_open(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    database = SqliteDatabase(path)

    def held() -> int:
        links = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return sum(str(link).startswith(str(path)) for link in links)

    for _ in range(20):
        thread = threading.Thread(target=lambda: database.connection().execute("CREATE TABLE IF NOT EXISTS t (x)"))
        thread.start()
        thread.join()
    database.connection().execute("SELECT 1 FROM t").fetchall()
    kept = held()
    database.close()
    assert 0 < kept < 10  # the file, its log and the index of the log, and one that SQLite keeps for the next
    assert held() == 0


def test_ctrl_c_while_others_write_leaves_no_transaction_open(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    # A process that was started in the background ignores it.
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, earlier))
    database, holder = SqliteDatabase(tmp_path / "db"), sqlite3.connect(tmp_path / "db", check_same_thread=False)
    database.migrate("words", [(1, "CREATE TABLE word (word TEXT) STRICT")])
    holder.execute("BEGIN IMMEDIATE")
    begins = threading.Event()

    def interrupt() -> None:
        assert begins.wait(30)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        holder.rollback()

    # The statement waits in C for the one who writes; Python raises as soon as it has returned, with the lock held.
    real = database.connection()

    class Waiting:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def execute(self, sql: str) -> Any:
            if sql == "BEGIN IMMEDIATE":
                begins.set()
            return real.execute(sql)

    database._local.connection = Waiting()
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt), database.transaction():
        thread.join(30)
    thread.join(30)
    assert not real.in_transaction
    holder.execute("BEGIN IMMEDIATE")
    holder.close()
    database.close()
