"""What finished triages of this installation said, kept for the next incident that is like one of them.

Everything here has been told to people before, so it is redacted; a placeholder in it leads nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from ..agents.triage.context import log_patterns
from ..agents.triage.types import TriageReport
from ..core.clock import Deadline
from ..core.database import Database, Migration
from ..core.errors import BackendError
from ..tools.incidents.past import Feature, PastIncident, feature

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE past_run (
            run_id TEXT PRIMARY KEY,
            team TEXT NOT NULL,
            began TEXT NOT NULL,
            title TEXT NOT NULL,
            cause TEXT NOT NULL,
            resolution TEXT NOT NULL,
            features TEXT NOT NULL
        ) STRICT;
        CREATE INDEX past_run_by_team ON past_run (team, began)
        """,
    ),
)

_MOST_RUNS = 5_000
_MOST_SUSPECTS = 3


class PastRuns:
    """The finished triages of an installation; implements `PastReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.migrate("past_runs", MIGRATIONS)

    def remember(self, report: TriageReport, team: str) -> None:
        """Keep what a report says, once; a run that found nothing wrong is no incident."""
        if report.verdict == "healthy":
            return
        row = (
            report.run_id,
            team,
            report.incident.start,
            report.incident.title,
            report.summary if report.verdict == "cause_found" else "",
            _done(report),
            json.dumps(sorted(set(_features(report)))),
        )
        sql = "INSERT INTO past_run VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id) DO NOTHING"
        with self._database.transaction() as connection:
            connection.execute(sql, row)

    def past(self, team: str, deadline: Deadline) -> Sequence[PastIncident]:
        """The newest five thousand triages of a team.

        Raises:
            BackendError: no time is left.
        """
        if deadline.passed:
            raise BackendError("no time was left to look at past runs", remedy="give the call a longer deadline")
        sql = "SELECT * FROM past_run WHERE team = ? ORDER BY began DESC, run_id LIMIT ?"
        rows = self._database.connection().execute(sql, (team, _MOST_RUNS)).fetchall()
        return tuple(
            PastIncident(
                id=row["run_id"],
                source="run",
                at=datetime.fromisoformat(row["began"]),
                title=row["title"],
                features=frozenset((kind, text) for kind, text in json.loads(row["features"])),
                cause=row["cause"],
                resolution=row["resolution"],
            )
            for row in rows
        )


def _features(report: TriageReport) -> Iterator[Feature]:
    if report.incident.alert_name:
        yield feature("alert", report.incident.alert_name)
    for cause in report.ranking[:_MOST_SUSPECTS]:
        yield feature("entity", cause.entity)
        if cause.indicator:
            yield feature("indicator", cause.indicator)
    if report.incident.alert_entity:
        yield feature("entity", report.incident.alert_entity)
    changes = {cause.change for cause in report.ranking[:1] if cause.change}
    for item in report.evidence:
        if item.tool == "logs.patterns":
            yield from (feature("log", text) for text in log_patterns(item.summary))
        if item.tool == "changes.recent" and isinstance(item.summary, dict):
            for row in item.summary.get("newest", ()):
                if isinstance(row, dict) and row.get("id") in changes and row.get("kind"):
                    yield feature("change", str(row["kind"]))


def _done(report: TriageReport) -> str:
    """What the run itself did with somebody's leave."""
    done = [action.tool for action in report.actions if action.status == "ok"]
    return f"{', '.join(dict.fromkeys(done))} was run from this triage" if done else ""
