"""SQLite the way every store here needs it: WAL, fully synced."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .database import STATEMENT_ERRORS, Connection, Dialect, Migration, run_migrations
from .errors import LedgerError


class SqliteDatabase:
    """One SQLite file, opened once per thread.

    Args:
        path: the file; its folder must exist. Made with mode 0600.
        timeout_s: how long a writer waits for another.
    """

    def __init__(self, path: Path, *, timeout_s: float = 10.0) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[tuple[threading.Thread, sqlite3.Connection]] = []
        if not path.exists():
            path.touch(mode=0o600)

    @property
    def dialect(self) -> Dialect:
        """SQLite's."""
        return "sqlite"

    def connection(self) -> sqlite3.Connection:
        """The calling thread's connection, in autocommit mode; use `transaction` to write.

        Raises:
            LedgerError: the file cannot be opened.
        """
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            try:
                connection = sqlite3.connect(
                    self._path, timeout=self._timeout_s, isolation_level=None, check_same_thread=False
                )
                connection.row_factory = sqlite3.Row
                connection.execute("PRAGMA journal_mode=WAL")
                # FULL: a commit that returned survives a power cut; NORMAL loses the last ones.
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA foreign_keys=ON")
            except sqlite3.Error as error:
                raise LedgerError(
                    f"database {self._path.name!r} cannot be opened: {error}",
                    remedy="check the disk, the rights and that the file is a SQLite database",
                ) from error
            self._local.connection = connection
            with self._lock:
                for thread, other in self._open:
                    if not thread.is_alive():
                        other.close()  # each holds files and a cache, and a service has many short-lived threads
                self._open = [one for one in self._open if one[0].is_alive()]
                self._open.append((threading.current_thread(), connection))
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: taken at once, committed at the end, rolled back on any error.

        Raises:
            LedgerError: SQLite failed (disk full, locked for too long, damaged).
        """
        connection = self.connection()
        if connection.in_transaction:
            yield connection  # joins the transaction that is under way
            return
        try:
            try:
                # Ctrl-C while one of the three waits is raised when it returns: what has begun must not stay open.
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
                    connection.execute("ROLLBACK")
                raise
        except STATEMENT_ERRORS as error:
            raise LedgerError(
                f"database {self._path.name!r} cannot be written: {error}",
                remedy="check the free space and the rights of the state directory",
            ) from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One state of the file for a long read; WAL lets writers go on meanwhile."""
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def damage(self, connection: Connection, table: str) -> str:
        """The first finding of SQLite's own check of a table and its indexes; empty if it finds nothing."""
        finding = str(connection.execute(f"PRAGMA integrity_check({table})").fetchone()[0])
        return "" if finding == "ok" else finding.splitlines()[0]

    def migrate(self, component: str, migrations: Sequence[Migration]) -> None:
        """Bring one component's tables to the newest number.

        Raises:
            ConfigError: the file was written by a newer version.
        """
        run_migrations(self, component, migrations, lambda sql: sql)

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for _, connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()
