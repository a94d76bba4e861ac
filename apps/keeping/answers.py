"""What live systems answered a run, kept encrypted until it expires, so that the run can become a snapshot."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ...core.database import Database, Migration
from ...core.errors import InputError, OpswardenError
from ...policies.artifacts import ArtifactStore
from ...tools.captures.pieces import Piece, unpacked
from ...tools.snapshots.schema import TABLES, TableName

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE kept_answer (
            run_id TEXT NOT NULL,
            number INTEGER NOT NULL,
            table_name TEXT NOT NULL,
            artifact_id TEXT NOT NULL,
            failure TEXT NOT NULL,
            PRIMARY KEY (run_id, number)
        ) STRICT
        """,
    ),
)
_ADD = """
    INSERT INTO kept_answer
    SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ? FROM kept_answer WHERE run_id = ?
"""
_MOST_FAILURES = 20
_TABLES: dict[str, TableName] = {name: name for name in TABLES}
_FULL = "more was read than is kept; raise `live.keep_mb`"


@dataclass(frozen=True)
class Kept:
    """What was kept of a run.

    Args:
        pieces: answers, in the order in which they came.
        failures: per table, what systems failed with, in our words.
    """

    pieces: tuple[Piece, ...]
    failures: dict[TableName, tuple[str, ...]]

    @property
    def tables(self) -> tuple[TableName, ...]:
        """The tables that something was answered for."""
        return tuple(sorted({piece.table for piece in self.pieces}))


class KeptAnswers:
    """The kept answers of one run; implements `Keeper`.

    Args:
        limit_bytes: of all answers of this process together; what goes beyond is told as not kept.
    """

    def __init__(self, database: Database, artifacts: ArtifactStore, run_id: str, team: str, limit_bytes: int) -> None:
        database.migrate("kept_answers", MIGRATIONS)
        self._database = database
        self._artifacts = artifacts
        self._run_id = run_id
        self._team = team
        self._left_bytes = limit_bytes
        self._lock = threading.Lock()
        self._adding = threading.Lock()  # a shared database would give two answers one number
        self._known: set[tuple[TableName, str]] = set()

    def keep(self, piece: Piece) -> None:
        """Keep an answer; one that cannot be kept is told as a failure of its table."""
        try:
            table = piece.packed()
            with self._lock:
                self._left_bytes -= table.nbytes
                is_full = self._left_bytes < 0
            if is_full:
                self.failed(piece.table, _FULL)
                return
            stored = self._artifacts.write(table, run_id=self._run_id, team=self._team)
            self._add(piece.table, stored.id, "")
        except OpswardenError as error:
            self.failed(piece.table, f"an answer could not be kept: {error.message}")

    def failed(self, table: TableName, message: str) -> None:
        """Remember a failure, once."""
        with self._lock:
            if (table, message) in self._known or len(self._known) >= _MOST_FAILURES:
                return
            self._known.add((table, message))
        try:
            self._add(table, "", message)
        except OpswardenError:
            return  # the database is down: the run itself says so

    def _add(self, table: TableName, artifact_id: str, failure: str) -> None:
        with self._adding, self._database.transaction() as connection:
            connection.execute(_ADD, (self._run_id, table, artifact_id, failure, self._run_id))

    def read(self) -> Kept:
        """Everything that was kept.

        Raises:
            InputError: no answer was, or all have expired.
        """
        rows = (
            self._database.connection()
            .execute("SELECT * FROM kept_answer WHERE run_id = ? ORDER BY number", (self._run_id,))
            .fetchall()
        )
        pieces: list[Piece] = []
        failures: dict[TableName, list[str]] = {}
        gone = 0
        for row in rows:
            table = _TABLES.get(row["table_name"])
            if table is None:
                continue
            if row["failure"]:
                failures.setdefault(table, []).append(row["failure"])
                continue
            try:
                pieces.append(unpacked(self._artifacts.read(row["artifact_id"], run_id=self._run_id, team=self._team)))
            except OpswardenError:
                gone += 1
                failures.setdefault(table, []).append("an answer has expired or is gone")
        if not pieces:
            raise InputError(
                "what the systems answered that run is not kept"
                if not rows
                else "what was kept of that run has expired",
                remedy="triage with `--capture DIR`, or set `live.keep`; `opswarden capture --service` asks anew",
            )
        return Kept(tuple(pieces), {table: tuple(dict.fromkeys(texts)) for table, texts in failures.items()})
