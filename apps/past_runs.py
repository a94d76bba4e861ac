"""What finished triages of this installation said, kept for the next incident that is like one of them.

Everything here has been told to people before, so it is redacted; a placeholder in it leads nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ..agents.triage.context import log_patterns
from ..agents.triage.types import TriageReport
from ..core.clock import Deadline
from ..core.database import Database, Migration
from ..core.errors import BackendError
from ..tools.incidents.past import Feature, PastIncident, ReportWas, feature, mentions

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
    (
        2,
        """
        ALTER TABLE past_run ADD COLUMN said_cause TEXT NOT NULL DEFAULT '';
        ALTER TABLE past_run ADD COLUMN said_of_report TEXT NOT NULL DEFAULT '';
        ALTER TABLE past_run ADD COLUMN solved_by TEXT NOT NULL DEFAULT ''
        """,
    ),
    (3, "ALTER TABLE past_run ADD COLUMN is_healthy INTEGER NOT NULL DEFAULT 0"),
)

_MOST_RUNS = 5_000
_MOST_SUSPECTS = 3
_LONGEST = 400
NOTHING_WRONG = "none: people say that nothing was wrong"


class PastRuns:
    """The finished triages of an installation; implements `PastReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.migrate("past_runs", MIGRATIONS)

    def remember(self, report: TriageReport, team: str) -> None:
        """Keep what a report says, once."""
        is_healthy = report.verdict == "healthy"
        row = (
            report.run_id,
            team,
            report.incident.start,
            report.incident.title,
            report.summary if report.verdict == "cause_found" else "",
            _done(report),
            json.dumps(sorted({*_alerting(report), *(() if is_healthy else _features(report))})),
            int(is_healthy),
        )
        sql = (
            "INSERT INTO past_run (run_id, team, began, title, cause, resolution, features, is_healthy) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id) DO NOTHING"
        )
        with self._database.transaction() as connection:
            connection.execute(sql, row)

    def said_cause(self, run_id: str, causes: Sequence[str], change: str = "") -> None:
        """Keep what people say was the cause, and with it whether the report had named it; the last word counts.

        Args:
            run_id: of a triage that was kept; of any other nothing is kept.
            causes: entities, redacted; none says that nothing was wrong.
            change: its id, redacted, or nothing.
        """
        with self._database.transaction() as connection:
            sql = "SELECT cause, features, is_healthy FROM past_run WHERE run_id = ?"
            row = connection.execute(sql, (run_id,)).fetchone()
            if row is None:
                return
            cause = ", ".join(causes) + (f", change {change}" if change else "") if causes else NOTHING_WRONG
            connection.execute(
                "UPDATE past_run SET said_cause = ?, said_of_report = ? WHERE run_id = ?",
                (cause, _judged(row, causes), run_id),
            )

    def said_of_report(self, run_id: str, opinion: ReportWas) -> None:
        """Keep what somebody thinks of a report; of several opinions the last counts."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE past_run SET said_of_report = ? WHERE run_id = ?", (opinion, run_id))

    def said_solved(self, run_id: str, by_what: str) -> None:
        """Keep what solved it, in one redacted line."""
        line = " ".join(by_what.split())[:_LONGEST]
        with self._database.transaction() as connection:
            connection.execute("UPDATE past_run SET solved_by = ? WHERE run_id = ?", (line, run_id))

    def past(self, team: str, deadline: Deadline) -> Sequence[PastIncident]:
        """The newest five thousand triages of a team that found something, and as many that found nothing.

        Raises:
            BackendError: no time is left.
        """
        if deadline.passed:
            raise BackendError("no time was left to look at past runs", remedy="give the call a longer deadline")
        sql = "SELECT * FROM past_run WHERE team = ? AND is_healthy = ? ORDER BY began DESC, run_id LIMIT ?"
        connection = self._database.connection()
        # Apart, so that an alert that flaps all day never pushes an incident out.
        found = [connection.execute(sql, (team, is_healthy, _MOST_RUNS)).fetchall() for is_healthy in (0, 1)]
        return tuple(_incident(row) for rows in found for row in rows)


def _incident(row: Mapping[str, Any]) -> PastIncident:
    said = row["said_cause"]
    is_nothing = said == NOTHING_WRONG
    return PastIncident(
        id=row["run_id"],
        source="run",
        at=datetime.fromisoformat(row["began"]),
        title=row["title"],
        features=frozenset(
            [*((kind, text) for kind, text in json.loads(row["features"])), *([] if is_nothing else _said(said))]
        ),
        cause=said or row["cause"],
        resolution=row["solved_by"] or row["resolution"],
        is_confirmed=bool(said),
        report_was=row["said_of_report"] or None,
        nothing_wrong="people" if is_nothing else "triage" if row["is_healthy"] and not said else None,
    )


def _said(cause: str) -> Iterator[Feature]:
    """What people say it was is a feature too: whoever has that suspect again should see this incident."""
    named = [part for part in cause.split(", ") if part and not part.startswith("change ")]
    return (feature("entity", part) for part in named)


def _judged(row: Mapping[str, Any], causes: Sequence[str]) -> ReportWas:
    """What a report is worth by what people say it was."""
    if not causes:
        return "right" if row["is_healthy"] else "wrong"
    if any(mentions(row["cause"], cause) for cause in causes):
        return "right"
    named = {text for kind, text in json.loads(row["features"]) if kind == "entity"}
    could_not_tell = not row["cause"] and not row["is_healthy"]
    return "partly" if could_not_tell and any(feature("entity", cause)[1] in named for cause in causes) else "wrong"


def _alerting(report: TriageReport) -> Iterator[Feature]:
    if report.incident.alert_name:
        yield feature("alert", report.incident.alert_name)
    if report.incident.alert_entity:
        yield feature("entity", report.incident.alert_entity)


def _features(report: TriageReport) -> Iterator[Feature]:
    for cause in report.ranking[:_MOST_SUSPECTS]:
        yield feature("entity", cause.entity)
        if cause.indicator:
            yield feature("indicator", cause.indicator)
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
