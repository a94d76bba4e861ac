from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from opswarden.core import postgres_sql
from opswarden.core.database import Migration, statements
from opswarden.core.errors import ConfigError, LedgerError
from opswarden.core.postgres import PostgresDatabase
from opswarden.tests.postgres_peer import OWNER, WRITER, PostgresPeer

ITEMS: list[Migration] = [
    (1, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, content BLOB) STRICT"),
]
MORE: list[Migration] = [*ITEMS, (2, "ALTER TABLE item ADD COLUMN size INTEGER; CREATE INDEX by_name ON item (name)")]


@pytest.fixture
def name(postgres: PostgresPeer) -> str:
    return postgres.new_database()


@pytest.fixture
def database(postgres: PostgresPeer, name: str) -> Iterator[PostgresDatabase]:
    opened = PostgresDatabase(postgres.url(name))
    opened.migrate("things", ITEMS)
    yield opened
    opened.close()


def names(database: PostgresDatabase) -> list[str]:
    return [row["name"] for row in database.connection().execute("SELECT name FROM item ORDER BY id")]


def add(database: PostgresDatabase, name: str) -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO item (name) VALUES (?)", (name,))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SELECT a FROM t WHERE b = ? AND c = ?", "SELECT a FROM t WHERE b = %s AND c = %s"),
        ("SELECT '?' || 'it''s ?' FROM t WHERE \"?\" = ?", "SELECT '?' || 'it''s ?' FROM t WHERE \"?\" = %s"),
        ("SELECT a % 2, '50 %' FROM t", "SELECT a %% 2, '50 %%' FROM t"),
        ("SELECT CAST(body AS BLOB) AS body FROM t", "SELECT convert_to(body, 'UTF8') AS body FROM t"),
    ],
)
def test_statements_are_translated_outside_of_literals(ours: str, theirs: str) -> None:
    assert postgres_sql.query(ours) == theirs


def test_a_statement_takes_more_rows_where_it_ends_with_one() -> None:
    assert postgres_sql.takes_rows("INSERT INTO t VALUES (?, ?)")
    assert postgres_sql.with_rows("INSERT INTO t VALUES (?, ?)", 2) == "INSERT INTO t VALUES (?, ?), (?, ?)"
    for other in ("INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING", "INSERT INTO t VALUES (?, 1)", "DELETE FROM t"):
        assert not postgres_sql.takes_rows(other)


def test_tables_are_translated() -> None:
    made = postgres_sql.schema("CREATE TABLE t (run_id TEXT, n INTEGER, b BLOB, PRIMARY KEY (run_id, n)) STRICT")
    assert made == (
        'CREATE TABLE t (run_id TEXT COLLATE "C", n BIGINT, b BYTEA, PRIMARY KEY (run_id, n),'
        " rowid BIGINT GENERATED ALWAYS AS IDENTITY)"
    )
    assert "rowid" not in postgres_sql.schema("CREATE TABLE t (k TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")


def test_a_script_is_cut_at_its_semicolons_but_not_inside_a_function() -> None:
    assert statements("a; b $$ c; d; $$ e; ;f") == ["a", " b $$ c; d; $$ e", "f"]


def test_migrations_run_once_in_order_and_keep_the_rows(database: PostgresDatabase) -> None:
    add(database, "a")
    database.migrate("things", MORE)
    database.migrate("things", MORE)
    row = database.connection().execute("SELECT name, size FROM item").fetchone()
    assert (row["name"], row["size"], row[0], len(row)) == ("a", None, "a", 2)
    with pytest.raises(ConfigError, match="version 2"):
        database.migrate("things", ITEMS)


def test_a_failing_block_leaves_nothing_behind(database: PostgresDatabase) -> None:
    with pytest.raises(RuntimeError), database.transaction():
        add(database, "a")  # joins
        raise RuntimeError
    assert names(database) == []


def test_a_failed_statement_that_nobody_minds_does_not_pass_for_a_commit(database: PostgresDatabase) -> None:
    with pytest.raises(LedgerError, match="had failed"), database.transaction() as connection:
        add(database, "a")
        with pytest.raises(Exception, match="nowhere"):
            connection.execute("SELECT * FROM nowhere")
    assert names(database) == []


def test_values_are_not_repeated_in_errors(database: PostgresDatabase) -> None:
    with database.transaction() as connection:
        connection.execute("CREATE UNIQUE INDEX only_once ON item (name)")
    add(database, "zoe.quist")
    with pytest.raises(LedgerError) as caught:
        add(database, "zoe.quist")
    assert "zoe" not in str(caught.value)
    assert "23505" in str(caught.value)


def test_threads_write_one_after_the_other(database: PostgresDatabase) -> None:
    def write() -> None:
        for _ in range(10):
            with database.transaction() as connection:
                count = connection.execute("SELECT count(*) AS n FROM item").fetchone()["n"]
                connection.execute("INSERT INTO item (name) VALUES (?)", (f"n{count}",))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names(database))) == 40


def test_the_connection_of_a_thread_that_ended_is_closed(database: PostgresDatabase) -> None:
    for _ in range(5):
        thread = threading.Thread(target=lambda: names(database))
        thread.start()
        thread.join()
    assert len(database._open) <= 2


def test_another_writer_is_waited_for_and_not_for_ever(database: PostgresDatabase, postgres: PostgresPeer) -> None:
    impatient = PostgresDatabase(database._url, timeout_s=0.05)
    with database.transaction() as connection:
        connection.execute("INSERT INTO item (name) VALUES ('a')")
        failed: list[LedgerError] = []

        def wait() -> None:
            try:
                add(impatient, "b")
            except LedgerError as error:
                failed.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
        assert "55P03" in str(failed[0])
    add(impatient, "c")
    assert names(database) == ["a", "c"]
    impatient.close()


def test_a_commit_waits_for_the_disk(database: PostgresDatabase, name: str, postgres: PostgresPeer) -> None:
    postgres.run_as_superuser(f"ALTER DATABASE {name} SET synchronous_commit = off")
    fresh = PostgresDatabase(database._url)
    assert fresh.connection().execute("SHOW synchronous_commit").fetchone()[0] == "on"
    fresh.close()
    postgres.run_as_superuser(f"ALTER DATABASE {name} SET synchronous_commit = remote_apply")
    fresh = PostgresDatabase(database._url)
    assert fresh.connection().execute("SHOW synchronous_commit").fetchone()[0] == "remote_apply"
    fresh.close()


def test_rows_of_every_type_go_in_many_at_a_time(database: PostgresDatabase) -> None:
    database.migrate("all", [(1, "CREATE TABLE one (n INTEGER, b BLOB, t TEXT, maybe TEXT, late INTEGER) STRICT")])
    rows = [(n, bytes([n]), f"t{n}%s?", None if n % 2 else "x", n if n > 70 else None) for n in range(150)]
    with database.transaction() as connection:
        connection.executemany("INSERT INTO one (n, b, t, maybe, late) VALUES (?, ?, ?, ?, ?)", rows)
    found = database.connection().execute("SELECT n, b, t, maybe, late FROM one ORDER BY n").fetchall()
    assert [(row["n"], bytes(row["b"]), row["t"], row["maybe"], row["late"]) for row in found] == rows


def test_a_long_read_sees_one_state_in_pages(database: PostgresDatabase) -> None:
    with database.transaction() as connection:
        connection.executemany("INSERT INTO item (name) VALUES (?)", [(f"n{n}",) for n in range(2_500)])
    with database.snapshot() as connection:
        rows = connection.execute("SELECT name FROM item WHERE id > ? ORDER BY id", (0,))
        assert rows.fetchone()["name"] == "n0"
        writer = threading.Thread(target=lambda: add(database, "late"))
        writer.start()
        writer.join()
        assert len(list(rows)) == 2_499
        assert connection.execute("SELECT count(*) AS n FROM item").fetchone()["n"] == 2_500
    assert len(names(database)) == 2_501


class TestTheServerGoes:
    def test_between_two_statements_nobody_notices(self, database: PostgresDatabase, postgres: PostgresPeer) -> None:
        add(database, "a")
        postgres.stop()
        postgres.start()
        assert names(database) == ["a"]
        postgres.stop()
        postgres.start()
        add(database, "b")
        assert names(database) == ["a", "b"]

    def test_while_it_is_away_everything_is_a_ledger_error(
        self, database: PostgresDatabase, postgres: PostgresPeer
    ) -> None:
        postgres.stop()
        try:
            for attempt in (lambda: names(database), lambda: add(database, "a")):
                with pytest.raises(LedgerError, match="cannot be opened"):
                    attempt()
        finally:
            postgres.start()
        add(database, "b")
        assert names(database) == ["b"]

    def test_inside_a_transaction_what_is_left_of_it_does_not_run(
        self, database: PostgresDatabase, postgres: PostgresPeer
    ) -> None:
        with pytest.raises(LedgerError), database.transaction() as connection:
            connection.execute("INSERT INTO item (name) VALUES ('a')")
            postgres.stop()
            postgres.start()
            with pytest.raises(Exception, match=r"clos|terminat|server"):
                connection.execute("INSERT INTO item (name) VALUES ('b')")
            connection.execute("INSERT INTO item (name) VALUES ('c')")
        assert names(database) == []
        add(database, "d")
        assert names(database) == ["d"]


class TestRights:
    def test_the_writer_gets_what_is_named_and_no_more(
        self, database: PostgresDatabase, name: str, postgres: PostgresPeer
    ) -> None:
        database.grant(WRITER, {"item": "SELECT, INSERT"}, only_adds=["item"])
        writer = PostgresDatabase(postgres.url(name, WRITER))
        add(writer, "a")
        assert names(writer) == ["a"]
        assert not writer.can_change("item")
        assert database.can_change("item")
        for attack in (
            "UPDATE item SET name = 'b'",
            "DELETE FROM item",
            "TRUNCATE item",
            "DROP TABLE item",
            "ALTER TABLE item DISABLE TRIGGER ALL",
            "CREATE TRIGGER t BEFORE INSERT ON item EXECUTE FUNCTION now()",
        ):
            with pytest.raises(LedgerError, match="42501"), writer.transaction() as connection:
                connection.execute(attack)
        writer.close()

    @pytest.mark.parametrize("role", ["nobody_at_all", 'x"; DROP TABLE item; --'])
    def test_a_role_that_does_not_exist_is_refused(self, database: PostgresDatabase, role: str) -> None:
        with pytest.raises(ConfigError, match="there is no role"):
            database.grant(role, {}, only_adds=["item"])

    @pytest.mark.parametrize("role", [OWNER, "postgres"])
    def test_a_role_that_could_change_records_anyway_is_refused(self, database: PostgresDatabase, role: str) -> None:
        with pytest.raises(ConfigError, match="all the same"):
            database.grant(role, {"item": "SELECT, INSERT"}, only_adds=["item"])

    def test_who_may_make_no_tables_is_told_what_to_do(
        self, database: PostgresDatabase, name: str, postgres: PostgresPeer
    ) -> None:
        writer = PostgresDatabase(postgres.url(name, WRITER))
        with pytest.raises(LedgerError) as caught:
            writer.migrate("other", [(1, "CREATE TABLE other (n INTEGER) STRICT")])
        assert "opswarden database prepare" in caught.value.remedy
        writer.close()


def test_a_wrong_address_shows_no_password() -> None:
    database = PostgresDatabase(SecretStr("postgresql://me:hunter2@127.0.0.1:1/x"))
    with pytest.raises(LedgerError) as caught:
        database.connection()
    assert "hunter2" not in f"{caught.value} {caught.value.remedy} {database._url}"


def test_a_database_in_another_encoding_is_refused(postgres: PostgresPeer) -> None:
    postgres.run_as_superuser("CREATE DATABASE old_letters ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    database = PostgresDatabase(postgres.url("old_letters"))
    with pytest.raises(ConfigError, match="LATIN1"):
        database.connection()


class Interrupted:
    """A connection on which Ctrl-C comes while a statement that begins is under way: Python raises when it returns."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def execute(self, sql: bytes, *more: Any) -> Any:
        found = self._raw.execute(sql, *more)
        if sql.startswith(b"BEGIN"):
            raise KeyboardInterrupt
        return found


@pytest.mark.parametrize("kind", ["transaction", "snapshot"])
def test_ctrl_c_while_it_begins_keeps_no_other_writer_waiting(
    database: PostgresDatabase, postgres: PostgresPeer, name: str, kind: str
) -> None:
    ours = database._mine()
    raw = ours._raw
    ours._raw = Interrupted(raw)  # type: ignore[assignment]  # stands for psycopg's connection
    with pytest.raises(KeyboardInterrupt), getattr(database, kind)():
        raise AssertionError("nothing is done in it")
    ours._raw = raw
    assert raw is not None
    assert raw.info.transaction_status.name == "IDLE"
    other = PostgresDatabase(postgres.url(name), timeout_s=1)
    add(other, "theirs")
    other.close()
    add(database, "ours")
    assert names(database) == ["theirs", "ours"]
