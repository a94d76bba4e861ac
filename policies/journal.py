"""The journal of calls: what each call of a run has come to, so that nothing takes effect twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..core.canonical import JsonValue, canonical_json
from ..core.clock import Clock, to_iso
from ..core.database import Connection, Database, Migration, Row
from ..core.errors import CallDenied
from .budgets import Verb
from .store import select

State = Literal["decided", "intent", "done"]

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE journal_call (
            run_id TEXT NOT NULL,
            verb TEXT NOT NULL,
            call_id TEXT NOT NULL,
            action TEXT NOT NULL,
            call_hmac TEXT NOT NULL,
            state TEXT NOT NULL,
            result TEXT,
            changed_at TEXT NOT NULL,
            PRIMARY KEY (run_id, verb, call_id)
        ) STRICT
        """,
    ),
    (
        2,
        """
        CREATE INDEX journal_call_open ON journal_call (verb) WHERE state = 'intent';
        CREATE INDEX journal_call_tells ON journal_call (run_id) WHERE verb = 'tell'
        """,
    ),
)


@dataclass(frozen=True)
class JournalRow:
    """One call.

    Args:
        call_hmac: keyed hash of the call; another call under the same id is refused.
        state: `decided` (nothing ran), `intent` (it may have run), `done`.
        result: what the agent got, redacted; only when done.
    """

    verb: Verb
    call_id: str
    action: str
    call_hmac: str
    state: State
    result: Mapping[str, JsonValue] | None


class RunJournal:
    """The calls of one run, in the gate's database; the tables are there already (`MIGRATIONS`)."""

    def __init__(self, database: Database, clock: Clock, run_id: str) -> None:
        self._database = database
        self._clock = clock
        self._run_id = run_id

    def find(self, verb: Verb, call_id: str) -> JournalRow | None:
        """What became of a call.

        Raises:
            LedgerError: the database cannot be read.
        """
        rows = select(
            self._database,
            "SELECT * FROM journal_call WHERE run_id = ? AND verb = ? AND call_id = ?",
            (self._run_id, verb, call_id),
        )
        return _open(rows[0]) if rows else None

    def begun(self, verb: Verb) -> list[JournalRow]:
        """The calls of one verb that ran or may have run, oldest first.

        Raises:
            LedgerError: the database cannot be read.
        """
        query = "SELECT * FROM journal_call WHERE run_id = ? AND verb = ? AND state <> 'decided' ORDER BY rowid"
        return [_open(row) for row in select(self._database, query, (self._run_id, verb))]

    def set(self, connection: Connection, row: JournalRow) -> None:
        """Write how far a call is, inside the caller's transaction; what is done stays done.

        Raises:
            CallDenied: `call-id-reused`, another call was made under this id meanwhile.
        """
        text = None if row.result is None else canonical_json(row.result).decode()
        now = to_iso(self._clock.now())
        cursor = connection.execute(
            "INSERT INTO journal_call VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, verb, call_id) DO UPDATE"
            " SET state = excluded.state, result = excluded.result, changed_at = excluded.changed_at"
            " WHERE journal_call.call_hmac = excluded.call_hmac"
            " AND (journal_call.state <> 'done' OR excluded.state = 'done')",
            (self._run_id, row.verb, row.call_id, row.action, row.call_hmac, row.state, text, now),
        )
        if cursor.rowcount != 1:
            self._check_same(connection, row)

    def note(self, connection: Connection, row: JournalRow) -> None:
        """Write a decision after which nothing runs; a call that somebody else has begun meanwhile stays as it is.

        Raises:
            CallDenied: `call-id-reused`, another call was made under this id meanwhile.
        """
        cursor = connection.execute(
            "INSERT INTO journal_call VALUES (?, ?, ?, ?, ?, 'decided', NULL, ?) ON CONFLICT DO NOTHING",
            (self._run_id, row.verb, row.call_id, row.action, row.call_hmac, to_iso(self._clock.now())),
        )
        if cursor.rowcount != 1:
            self._check_same(connection, row)

    def claim(self, connection: Connection, row: JournalRow) -> bool:
        """Write the intent of a call that must not run twice; False if it is or was under way somewhere."""
        cursor = connection.execute(
            "INSERT INTO journal_call VALUES (?, ?, ?, ?, ?, 'intent', NULL, ?) ON CONFLICT (run_id, verb, call_id)"
            " DO UPDATE SET state = 'intent', changed_at = excluded.changed_at"
            " WHERE journal_call.call_hmac = excluded.call_hmac AND journal_call.state = 'decided'",
            (self._run_id, row.verb, row.call_id, row.action, row.call_hmac, to_iso(self._clock.now())),
        )
        return cursor.rowcount == 1

    def _check_same(self, connection: Connection, row: JournalRow) -> None:
        found = connection.execute(
            "SELECT call_hmac FROM journal_call WHERE run_id = ? AND verb = ? AND call_id = ?",
            (self._run_id, row.verb, row.call_id),
        ).fetchone()
        if found["call_hmac"] != row.call_hmac:
            raise CallDenied(
                "another call was made under this id meanwhile", code="call-id-reused", remedy="use a new call id"
            )


def _open(row: Row) -> JournalRow:
    return JournalRow(
        verb=row["verb"],
        call_id=row["call_id"],
        action=row["action"],
        call_hmac=row["call_hmac"],
        state=row["state"],
        result=None if row["result"] is None else json.loads(row["result"]),
    )
