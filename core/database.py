"""What every store needs of a database: rows by name, transactions, and strict migrations in numbered steps.

SQL is written once, in the dialect that SQLite and PostgreSQL share; what differs is translated in `postgres_sql.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

from .errors import ConfigError

Migration = tuple[int, str]
"""Number (counted from 1, without gaps) and the SQL that takes the schema from the number before to it."""

Dialect = Literal["sqlite", "postgresql"]


class StatementFailed(Exception):
    """The server refused a statement, or it is gone.

    Args:
        message: one line without values.
        remedy: one line of what to do.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


STATEMENT_ERRORS: tuple[type[sqlite3.Error], type[StatementFailed]] = (sqlite3.Error, StatementFailed)
"""What a connection and its cursors raise."""


class Row(Protocol):
    """One row; columns by name or by place."""

    def __getitem__(self, key: int | str, /) -> Any: ...


class Cursor(Protocol):
    """The rows of one statement."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""
        ...

    def fetchone(self) -> Any:
        """The next `Row`, or `None`."""
        ...

    def fetchall(self) -> list[Any]:
        """Every `Row` that is left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """One thread's connection; `sqlite3.Connection` is one. Raises `STATEMENT_ERRORS`."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is under way."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run a statement with `?` for values."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run a statement for each set of values."""
        ...


class Database(Protocol):
    """A database that is opened once per thread; see `SqliteDatabase` and `PostgresDatabase`."""

    @property
    def dialect(self) -> Dialect:
        """What speaks to us."""
        ...

    def connection(self) -> Connection:
        """The calling thread's connection, outside of a transaction; use `transaction` to write.

        Raises:
            LedgerError: there is none to be had.
        """
        ...

    def transaction(self) -> AbstractContextManager[Connection]:
        """A write transaction: the only one at the time, durable at the end, rolled back on any error.

        Inside another one of the thread it joins that.

        Raises:
            LedgerError: the database failed (disk full, locked for too long, damaged, gone).
        """
        ...

    def snapshot(self) -> AbstractContextManager[Connection]:
        """For long reads: one state of everything, streamed, while writers go on.

        Raises:
            LedgerError: the database is gone.
        """
        ...

    def damage(self, connection: Connection, table: str) -> str:
        """The first thing that is wrong with the database's own books of a table, as far as it can say; or nothing."""
        ...

    def migrate(self, component: str, migrations: Sequence[Migration]) -> None:
        """Bring one component's tables to the newest number.

        Raises:
            ConfigError: the tables were written by a newer version.
            LedgerError: the database failed.
        """
        ...

    def close(self) -> None:
        """Close every thread's connection."""
        ...


def run_migrations(
    database: Database,
    component: str,
    migrations: Sequence[Migration],
    translated: Callable[[str], str],
) -> None:
    """What `Database.migrate` does, whatever the dialect; `translated` puts statements that make tables into it."""
    newest = migrations[-1][0] if migrations else 0
    if _version_of(database, component) == newest:
        return  # nothing to write: a full disk does not keep an installation from starting
    with database.transaction() as connection:
        connection.execute(
            translated(
                "CREATE TABLE IF NOT EXISTS schema_version (component TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT"
            )
        )
        row = connection.execute("SELECT number FROM schema_version WHERE component = ?", (component,)).fetchone()
        current = int(row["number"]) if row else 0
        if current > newest:
            raise newer(component, current, newest)
        for number, sql in migrations:
            if number <= current:
                continue
            for statement in statements(sql):
                connection.execute(translated(statement))
        connection.execute(
            "INSERT INTO schema_version VALUES (?, ?) ON CONFLICT (component) DO UPDATE SET number = excluded.number",
            (component, newest),
        )


def numbers_of(database: Database) -> dict[str, int]:
    """The schema number of every component that has tables here; empty where nobody has made any yet.

    Raises:
        LedgerError: there is no connection to be had.
    """
    try:
        rows = database.connection().execute("SELECT component, number FROM schema_version").fetchall()
    except STATEMENT_ERRORS:
        return {}
    return {str(row["component"]): int(row["number"]) for row in rows}


def newer(component: str, number: int, known: int) -> ConfigError:
    """The refusal of tables that a newer version has written."""
    return ConfigError(
        f"tables of {component!r} have version {number}, this opswarden knows {known}",
        remedy="run the newer opswarden that wrote them; a backup from before it was installed serves the older one",
    )


def statements(sql: str) -> list[str]:
    """SQL cut at its semicolons, but not inside `$$` (the body of a function)."""
    found = [""]
    for place, part in enumerate(sql.split("$$")):
        if place % 2:
            found[-1] += f"$${part}$$"
            continue
        first, *others = part.split(";")
        found[-1] += first
        found.extend(others)
    return [one for one in found if one.strip()]


def _version_of(database: Database, component: str) -> int | None:
    sql = "SELECT number FROM schema_version WHERE component = ?"
    try:
        row = database.connection().execute(sql, (component,)).fetchone()
    except STATEMENT_ERRORS:
        return None  # no table yet, or a damaged file: the transaction that follows says which
    return int(row["number"]) if row else None
