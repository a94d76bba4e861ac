"""The ledger in PostgreSQL: whoever writes it can add, and neither change nor remove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...core.clock import Clock
from ...core.database import Connection, Database, Migration
from ...core.keys import KeyProvider
from .checkpoint import DEFAULT_ORIGIN
from .sqlite import SqliteLedger
from .types import LedgerEntry

# PostgreSQL's JSON refuses escapes that ours may hold, so `run_id` and `tool` are written beside the body and `verify`
# compares them. The trigger also stops the owner of the tables from changing records by mistake.
MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE entry (
            seq INTEGER PRIMARY KEY,
            leaf BLOB NOT NULL,
            body TEXT NOT NULL,
            run_id TEXT NOT NULL,
            tool TEXT
        ) STRICT;
        CREATE INDEX entry_by_run ON entry (run_id, seq);
        CREATE INDEX entry_by_tool ON entry (tool, seq) WHERE tool IS NOT NULL;
        CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
        CREATE TABLE frontier (
            id INTEGER PRIMARY KEY CHECK (id = 0),
            size INTEGER NOT NULL,
            hashes BLOB NOT NULL
        ) STRICT;
        CREATE FUNCTION opswarden_only_adds() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'records are only added' USING ERRCODE = 'insufficient_privilege'; END $$;
        CREATE TRIGGER entry_only_adds BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
            FOR EACH STATEMENT EXECUTE FUNCTION opswarden_only_adds();
        CREATE TRIGGER checkpoint_only_adds BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
            FOR EACH STATEMENT EXECUTE FUNCTION opswarden_only_adds()
        """,
    ),
)


class PostgresLedger(SqliteLedger):
    """A `Ledger` in PostgreSQL; checks, signs and reads as `SqliteLedger` does."""

    _migrations: ClassVar[tuple[Migration, ...]] = MIGRATIONS
    _gathers: ClassVar[bool] = True

    def _insert(
        self, connection: Connection, rows: Sequence[tuple[int, bytes, str]], entries: Sequence[LedgerEntry]
    ) -> None:
        columns = [found_by(entry.run_id, entry.body) for entry in entries]
        connection.executemany(
            "INSERT INTO entry (seq, leaf, body, run_id, tool) VALUES (?, ?, ?, ?, ?)",
            [(*row, *more) for row, more in zip(rows, columns, strict=True)],
        )


def found_by(run_id: str, body: Mapping[str, object]) -> tuple[str, str | None]:
    """What an entry is found by, run and tool; PostgreSQL's texts hold no zero character."""
    tool = body.get("tool")
    return run_id.replace("\0", "\ufffd"), tool.replace("\0", "\ufffd") if isinstance(tool, str) else None


def open_ledger(database: Database, keys: KeyProvider, clock: Clock, origin: str = DEFAULT_ORIGIN) -> SqliteLedger:
    """The ledger in a database, whichever it is; see `SqliteLedger`."""
    kind = PostgresLedger if database.dialect == "postgresql" else SqliteLedger
    return kind(database, keys, clock, origin)
