"""PostgreSQL for installations with several machines: one writer at a time, every commit durable, dead servers told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import SecretStr

from . import postgres_sql
from .database import Connection, Cursor, Dialect, Migration, StatementFailed, run_migrations
from .errors import ConfigError, LedgerError

if TYPE_CHECKING:
    import psycopg

Rights: TypeAlias = Literal["SELECT", "SELECT, INSERT", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE, DELETE"]
EVERY_RIGHT: Rights = "SELECT, INSERT, UPDATE, DELETE"

_CONNECT_TIMEOUT_S = 5
_SLOW_S = 1.0
_PAUSE_S = 5.0
_PAGE_ROWS = 1_000
_ROWS_A_STATEMENT = 64
_MIN_VERSION = 130_000
# A session whose process hangs, or whose machine has gone, must not keep the others from writing for ever.
_IDLE_S = 60
_SESSION = """
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
SELECT set_config('lock_timeout', '{lock_ms}', false),
       set_config('idle_in_transaction_session_timeout', '{idle_ms}', false),
       set_config('client_encoding', 'UTF8', false),
       set_config('standard_conforming_strings', 'on', false);
"""
# The sequencer: whoever holds it is the only writer of the installation until the transaction ends.
_BEGIN = "BEGIN; SELECT pg_advisory_xact_lock(hashtext('opswarden'), hashtext(coalesce(current_schema(), '')))"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_REMEDY = "check that PostgreSQL runs and can be reached, and `database.url`"
_BY_STATE = {
    "42501": "run `opswarden database prepare` as the owner of the tables",
    "42P01": "run `opswarden database prepare` as the owner of the tables",
    "53100": "free disk space on the server of the database",
    "55P03": "another writer holds the records for long; look for it in pg_stat_activity",
}
_numbers = count(1)  # of cursors; several are read in step
# Errors of these classes (data, constraints) quote values.
_QUOTING = ("22", "23")


class PostgresDatabase:
    """One PostgreSQL database, opened once per thread.

    A transaction is the only write transaction of the installation while it lasts, as in SQLite, so that what was read
    in it still holds when it commits.

    Should the server go while it commits, nobody can tell whether it did. That counts as a failure: nothing with an
    effect runs, and a call whose intent was recorded after all is told as *outcome unknown* when it is resumed.

    Args:
        url: `postgresql://user:password@host:port/name?sslmode=verify-full`, as libpq takes it.
        timeout_s: how long a writer waits for another.
    """

    def __init__(self, url: SecretStr, *, timeout_s: float = 10.0) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[tuple[threading.Thread, _Connection]] = []
        self._gone_until = 0.0

    @property
    def dialect(self) -> Dialect:
        """PostgreSQL's."""
        return "postgresql"

    def connection(self) -> Connection:
        """The calling thread's connection; opened anew if the server had gone.

        Raises:
            LedgerError: the server cannot be reached or does not let us in.
        """
        return self._mine()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction: taken at once, committed at the end, rolled back on any error.

        Raises:
            LedgerError: the server refused something, or it has gone.
        """
        connection = self._mine()
        if connection.in_transaction:
            yield connection  # joins the transaction that is under way
            return
        try:
            try:
                # What Ctrl-C cuts short must not stay open, wherever it came.
                connection.begin(_BEGIN)
                yield connection
                connection.commit()
            except BaseException:
                connection.roll_back()
                raise
        except StatementFailed as error:
            raise LedgerError(f"the database cannot be written: {error.message}", remedy=error.remedy) from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One state of everything for a long read; rows come in pages of a thousand."""
        connection = self._mine()
        if connection.in_transaction:
            yield connection
            return
        try:
            connection.begin(_BEGIN_READING)
        except StatementFailed as error:
            raise LedgerError(f"the database cannot be read: {error.message}", remedy=error.remedy) from error
        paged = _Paged(connection)
        try:
            yield paged
        finally:
            paged.close()
            connection.roll_back()

    def damage(self, connection: Connection, table: str) -> str:
        """Nothing: PostgreSQL has no such check that a writer may run; its `pg_amcheck` is the administrator's."""
        return ""

    def migrate(self, component: str, migrations: Sequence[Migration]) -> None:
        """Bring one component's tables to the newest number; takes a role that may make tables.

        Raises:
            ConfigError: the tables were made by a newer version, or the database is too old or not in UTF-8.
            LedgerError: the server refused, or it has gone.
        """
        run_migrations(self, component, migrations, postgres_sql.schema)

    def grant(self, writer: str, rights: Mapping[str, Rights], *, only_adds: Sequence[str]) -> None:
        """Give a role its rights to the tables of this schema that we own, as their owner.

        Args:
            writer: a role that exists.
            rights: per table; where nothing is said, also to change and delete rows.
            only_adds: tables in which it must be unable to change anything, by whatever other right it has.

        Raises:
            ConfigError: there is no such role, or it could change what it may only add to.
            LedgerError: the server refused, or it has gone.
        """
        role = '"' + writer.replace('"', '""') + '"'
        with self.transaction() as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = ?", (writer,)).fetchone() is None:
                raise ConfigError(
                    f"there is no role {writer!r}", remedy="make it first; docs/configuration.md shows how"
                )
            schema = connection.execute("SELECT quote_ident(current_schema()) AS name").fetchone()["name"]
            connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user"
            ).fetchall()
            for row in tables:
                name = str(row["tablename"])
                table = '"' + name.replace('"', '""') + '"'
                connection.execute(f"REVOKE ALL ON {table} FROM PUBLIC, {role}")
                connection.execute(f"GRANT {rights.get(name, EVERY_RIGHT)} ON {table} TO {role}")
            for table in only_adds:
                if self._can_change(connection, writer, table):
                    raise ConfigError(
                        f"role {writer!r} could change the table {table!r} all the same",
                        remedy="take a role that is neither its owner, nor a superuser, nor a member of such a role",
                    )

    def can_change(self, table: str) -> bool:
        """Whether the role that we are could change or remove rows of a table.

        Raises:
            LedgerError: there is no such table, or the server has gone.
        """
        try:
            return self._can_change(self.connection(), None, table)
        except StatementFailed as error:
            raise LedgerError(f"the database cannot be read: {error.message}", remedy=error.remedy) from error

    def _can_change(self, connection: Connection, role: str | None, table: str) -> bool:
        row = connection.execute(
            "SELECT has_table_privilege(r.oid, c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')"
            " OR pg_has_role(r.oid, c.relowner, 'USAGE') AS can FROM pg_roles r, pg_class c"
            " WHERE r.rolname = coalesce(CAST(? AS NAME), current_user) AND c.oid = to_regclass(?)",
            (role, table),
        ).fetchone()
        if row is None:
            raise StatementFailed(f"there is no table {table!r}", _BY_STATE["42P01"])
        return bool(row["can"])

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for _, connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()

    def _mine(self) -> _Connection:
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _Connection(self._connect)
            self._local.connection = connection
            with self._lock:
                for thread, other in self._open:
                    if not thread.is_alive():
                        other.close()  # the server has few connections, and a process many short-lived threads
                self._open = [one for one in self._open if one[0].is_alive()]
                self._open.append((threading.current_thread(), connection))
        connection.ensure()
        return connection

    def _connect(self) -> psycopg.Connection[Any]:
        driver = _psycopg()
        started = time.monotonic()
        if started < self._gone_until:
            raise LedgerError("the database did not answer a moment ago", remedy=_REMEDY)
        try:
            found: psycopg.Connection[Any] = driver.connect(
                self._url.get_secret_value(),
                autocommit=True,
                connect_timeout=_CONNECT_TIMEOUT_S,
                application_name="opswarden",
                # A server that vanishes without a word shows within half a minute.
                keepalives_idle=10,
                keepalives_interval=5,
                keepalives_count=3,
                tcp_user_timeout=20_000,
                row_factory=_rows,
            )
        except driver.Error as error:
            if time.monotonic() - started > _SLOW_S:
                # Each read of a triage would wait as long again; for a while they fail at once.
                self._gone_until = time.monotonic() + _PAUSE_S
            failed = _failed(error)
            raise LedgerError(f"the database cannot be opened: {failed.message}", remedy=failed.remedy) from None
        try:
            self._check(found)
            found.execute(_SESSION.format(lock_ms=int(self._timeout_s * 1000), idle_ms=_IDLE_S * 1000).encode())
        except driver.Error as error:
            found.close()
            failed = _failed(error)
            raise LedgerError(f"the database cannot be opened: {failed.message}", remedy=failed.remedy) from error
        except ConfigError:
            found.close()
            raise
        return found

    def _check(self, found: psycopg.Connection[Any]) -> None:
        if found.info.server_version < _MIN_VERSION:
            raise ConfigError("this PostgreSQL is older than 13", remedy="use a newer server")
        encoding = found.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise ConfigError(f"the database is in {encoding}, not UTF8", remedy="CREATE DATABASE … ENCODING 'UTF8'")


class _Connection:
    """One thread's connection, which survives the server's restart."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._raw: psycopg.Connection[Any] | None = None
        # Ours, not the server's: what is left of a transaction whose connection has gone must not run outside of it.
        self._is_inside = False

    def ensure(self) -> None:
        if self._is_inside:
            return  # the next statement says that the connection has gone
        if self._raw is None or self._raw.closed:
            self._raw = None
            self._raw = self._connect()

    @property
    def in_transaction(self) -> bool:
        return self._is_inside

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        try:
            return self._run(sql, parameters)
        except StatementFailed:
            if self._is_inside or self._raw is None or not self._raw.closed:
                raise
        # The server was restarted since this thread's last question; outside of a transaction it is asked once more.
        self.ensure()
        return self._run(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        rows = list(parameters)
        if len(rows) == 1:
            return self.execute(sql, rows[0])  # half the round trips
        if rows and postgres_sql.takes_rows(sql):
            return self._insert(sql, rows)
        with _translated():
            cursor = self._inside().cursor()
            cursor.executemany(postgres_sql.query(sql).encode(), rows)
            return cursor

    def _insert(self, sql: str, rows: Sequence[Sequence[Any]]) -> Cursor:
        """Rows many at a time in one statement: half the work of as many statements, here and on the server."""
        for start in range(0, len(rows) - _ROWS_A_STATEMENT, _ROWS_A_STATEMENT):
            self._insert_some(sql, rows[start : start + _ROWS_A_STATEMENT])
        return self._insert_some(sql, rows[-(len(rows) % _ROWS_A_STATEMENT or _ROWS_A_STATEMENT) :])

    def _insert_some(self, sql: str, rows: Sequence[Sequence[Any]]) -> Cursor:
        return self.execute(postgres_sql.with_rows(sql, len(rows)), [value for row in rows for value in row])

    def pages(self, sql: str, parameters: Sequence[Any]) -> _Pages:
        with _translated():
            cursor = self._inside().cursor(name=f"pages_{next(_numbers)}", scrollable=False)
            cursor.itersize = _PAGE_ROWS
            try:
                cursor.execute(postgres_sql.query(sql).encode(), tuple(parameters))
            except BaseException:
                cursor.close()
                raise
            return _Pages(cursor)

    def begin(self, sql: str) -> None:
        try:
            try:
                self._simple(sql)
            except StatementFailed:
                if self._raw is None or not self._raw.closed:
                    raise
                self.ensure()
                self._simple(sql)
            self._is_inside = True
        except BaseException:
            # Ctrl-C: it may have begun, and would keep every writer of the installation waiting.
            self._end()
            self._is_inside = False
            raise

    def commit(self) -> None:
        answer = self._simple("COMMIT")
        self._is_inside = False
        # After a failed statement PostgreSQL answers COMMIT with ROLLBACK, and calls that a success.
        if answer != "COMMIT":
            raise StatementFailed("a statement of the transaction had failed", "try again")

    def roll_back(self) -> None:
        if self._is_inside:
            self._end()
        self._is_inside = False

    def _end(self) -> None:
        if self._raw is None or self._raw.closed:
            return
        try:
            self._simple("ROLLBACK")
        except StatementFailed:
            self._raw.close()  # nobody shall go on in what may still be open

    def close(self) -> None:
        if self._raw is not None:
            self._raw.close()

    def _simple(self, sql: str) -> str:
        with _translated():
            return self._inside().execute(sql.encode()).statusmessage or ""

    def _run(self, sql: str, parameters: Sequence[Any]) -> Cursor:
        with _translated():
            return self._inside().execute(postgres_sql.query(sql).encode(), tuple(parameters))

    def _inside(self) -> psycopg.Connection[Any]:
        if self._raw is None:
            raise StatementFailed("the connection has gone", _REMEDY)
        return self._raw


class _Paged:
    """A connection inside a read transaction whose rows come page by page."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._open: list[_Pages] = []

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        pages = self._connection.pages(sql, parameters)
        self._open.append(pages)
        return pages

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        return self._connection.executemany(sql, parameters)

    def close(self) -> None:
        for pages in self._open:
            pages.close()


class _Pages:
    """The rows of a cursor that the server keeps."""

    rowcount = -1

    def __init__(self, cursor: psycopg.ServerCursor[Any]) -> None:
        self._cursor = cursor
        self._rows = iter(cursor)

    def close(self) -> None:
        with suppress(StatementFailed), _translated():
            self._cursor.close()

    def fetchone(self) -> Any:
        with _translated():
            return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        with _translated():
            return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        while (row := self.fetchone()) is not None:
            yield row


class PostgresRow:
    """A row by name or place."""

    __slots__ = ("_places", "_values")

    def __init__(self, places: dict[str, int], values: Sequence[Any]) -> None:
        self._places = places
        self._values = tuple(values)

    def __getitem__(self, key: int | str, /) -> Any:
        return self._values[self._places[key] if isinstance(key, str) else key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], PostgresRow]:
    places = {column.name: place for place, column in enumerate(cursor.description or ())}
    return lambda values: PostgresRow(places, values)


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the driver as ours."""
    try:
        yield
    except _psycopg().Error as error:
        raise _failed(error) from error


def _failed(error: psycopg.Error) -> StatementFailed:
    state = error.sqlstate
    if state is None:
        lines = str(error).strip().splitlines()
        return StatementFailed(lines[0][:200] if lines else "the connection has gone", _REMEDY)
    told = type(error).__name__ if state.startswith(_QUOTING) else error.diag.message_primary or type(error).__name__
    return StatementFailed(f"{told} (SQLSTATE {state})", _BY_STATE.get(state, _REMEDY))


def _psycopg() -> Any:
    try:
        import psycopg  # noqa: PLC0415 - an extra, and only this file knows it
    except ImportError as error:
        raise ConfigError("PostgreSQL needs psycopg", remedy="pip install 'opswarden[postgres]'") from error
    return psycopg
