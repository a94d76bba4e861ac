"""What incidents turned out to be, as people say it: kept beside the ledger and recorded in it.

Of several labels of one snapshot the last counts. The names in a label stand in the snapshot itself; whoever calls
checks that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..core.canonical import JsonValue
from ..core.clock import Clock, from_iso, to_iso
from ..core.database import Database, Migration
from ..core.errors import InputError
from .ledger.types import Ledger, LedgerEntry
from .store import select
from .switches import INSTALLATION

_NOTE_LIMIT = 500

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE incident_label (
            snapshot TEXT PRIMARY KEY,
            fingerprint TEXT NOT NULL,
            causes TEXT NOT NULL,
            change_id TEXT NOT NULL,
            verdict TEXT NOT NULL,
            run_id TEXT NOT NULL,
            labelled_by TEXT NOT NULL,
            labelled_at TEXT NOT NULL,
            seq INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE measured_score (
            incident TEXT PRIMARY KEY,
            score TEXT NOT NULL,
            is_right INTEGER NOT NULL
        ) STRICT
        """,
    ),
)


@dataclass(frozen=True)
class IncidentLabel:
    """What one incident was.

    Args:
        snapshot: the folder of its snapshot, absolute.
        fingerprint: of the snapshot when it was labelled.
        causes: true causes; none unless the verdict is `cause_found`.
        change: id of the change that did it, or nothing.
        verdict: `cause_found`, `inconclusive` or `healthy`.
        run_id: the run whose report was judged; empty where a snapshot was named.
        by: `person:<name>`.
        at: when.
        seq: its ledger entry.
    """

    snapshot: str
    fingerprint: str
    causes: tuple[str, ...]
    change: str
    verdict: str
    run_id: str
    by: str
    at: datetime
    seq: int


@dataclass(frozen=True)
class MeasuredScore:
    """The score of the leading suspect of a labelled incident, and whether it was a true cause."""

    incident: str
    score: float
    is_right: bool


class IncidentLabels:
    """The labels of an installation.

    Args:
        scrub: cleans what a person typed, for the ledger.
    """

    def __init__(self, database: Database, ledger: Ledger, clock: Clock, scrub: Callable[[str], str]) -> None:
        database.migrate("incident_labels", MIGRATIONS)
        self._database = database
        self._ledger = ledger
        self._clock = clock
        self._scrub = scrub

    def add(
        self,
        snapshot: str,
        fingerprint: str,
        *,
        causes: Sequence[str],
        change: str,
        verdict: str,
        run_id: str,
        by: str,
        note: str = "",
    ) -> int:
        """Say what an incident was; one transaction with its record.

        Args:
            snapshot: as in `IncidentLabel`, like the others.
            fingerprint: as there.
            causes: as there.
            change: as there.
            verdict: as there.
            run_id: as there.
            by: `person:<name>`, as the surface has established it.
            note: where to read about it; cleaned before it is recorded, and kept nowhere else.

        Returns:
            The ledger entry.

        Raises:
            InputError: the note is too long.
            LedgerError: it could not be recorded.
        """
        if len(note) > _NOTE_LIMIT:
            raise InputError("the note is too long", remedy=f"say it in {_NOTE_LIMIT} characters")
        body: dict[str, JsonValue] = {
            "fingerprint": fingerprint,
            "causes": [self._scrub(cause) for cause in causes],
            "change": self._scrub(change) if change else "",
            "verdict": verdict,
            "labelled_run": run_id,
            "by": by,
            "note": self._scrub(note) if note else "",
        }
        with self._database.transaction() as connection:
            entry = LedgerEntry("incident.labelled", run_id or INSTALLATION, body)
            (seq,) = self._ledger.append([entry], connection=connection)
            connection.execute("DELETE FROM incident_label WHERE snapshot = ?", (snapshot,))
            connection.execute(
                "INSERT INTO incident_label VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    snapshot,
                    fingerprint,
                    json.dumps(list(causes)),
                    change,
                    verdict,
                    run_id,
                    by,
                    to_iso(self._clock.now()),
                    seq,
                ),
            )
        return seq

    def all(self) -> tuple[IncidentLabel, ...]:
        """Every label in force, oldest first.

        Raises:
            LedgerError: the database cannot be read.
        """
        rows = select(self._database, "SELECT * FROM incident_label ORDER BY seq")
        return tuple(
            IncidentLabel(
                row["snapshot"],
                row["fingerprint"],
                tuple(json.loads(row["causes"])),
                row["change_id"],
                row["verdict"],
                row["run_id"],
                row["labelled_by"],
                from_iso(row["labelled_at"]),
                row["seq"],
            )
            for row in rows
        )

    def keep_scores(self, scores: Sequence[MeasuredScore]) -> None:
        """Keep what the last evaluation of all labelled incidents measured, in the place of what was kept before.

        Raises:
            LedgerError: the database cannot be written.
        """
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM measured_score")
            connection.executemany(
                "INSERT INTO measured_score VALUES (?, ?, ?)",
                [(one.incident, repr(one.score), int(one.is_right)) for one in scores],
            )

    def scores(self) -> tuple[MeasuredScore, ...]:
        """What `keep_scores` kept.

        Raises:
            LedgerError: the database cannot be read.
        """
        rows = select(self._database, "SELECT * FROM measured_score ORDER BY incident")
        return tuple(MeasuredScore(row["incident"], float(row["score"]), bool(row["is_right"])) for row in rows)
