"""SQLite the way every store here needs it: WAL, fully synced, strict migrations in numbered steps."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .errors import ConfigError, LedgerError

Migration = tuple[int, str]
"""Number (counted from 1, without gaps) and the SQL that takes the schema from the number before to it."""


class Database:
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
        self._open: list[sqlite3.Connection] = []
        if not path.exists():
            path.touch(mode=0o600)

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
                self._open.append(connection)
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
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise LedgerError(
                f"database {self._path.name!r} cannot be written: {error}",
                remedy="check the free space and the rights of the state directory",
            ) from error

    def migrate(self, component: str, migrations: Sequence[Migration]) -> None:
        """Bring one component's tables to the newest number.

        Raises:
            ConfigError: the file was written by a newer version.
        """
        newest = migrations[-1][0] if migrations else 0
        if self._version_of(component) == newest:
            return  # nothing to write: a full disk does not keep an installation from starting
        with self.transaction() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_version (component TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT"
            )
            row = connection.execute("SELECT number FROM schema_version WHERE component = ?", (component,)).fetchone()
            current = int(row["number"]) if row else 0
            if current > newest:
                raise ConfigError(
                    f"tables of {component!r} have version {current}, this opswarden knows {newest}",
                    remedy="run the newer opswarden that wrote them",
                )
            for number, sql in migrations:
                if number <= current:
                    continue
                for statement in filter(str.strip, sql.split(";")):
                    connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_version VALUES (?, ?) "
                "ON CONFLICT (component) DO UPDATE SET number = excluded.number",
                (component, newest),
            )

    def _version_of(self, component: str) -> int | None:
        sql = "SELECT number FROM schema_version WHERE component = ?"
        try:
            row = self.connection().execute(sql, (component,)).fetchone()
        except sqlite3.Error:
            return None  # no table yet, or a damaged file: the transaction that follows says which
        return int(row["number"]) if row else None

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()
