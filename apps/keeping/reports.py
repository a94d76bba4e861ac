"""Every report that was told, kept in the database so that other machines and surfaces can show it again.

A report has been told to the people of its team before, so it is redacted; a placeholder in it leads nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from pydantic import ValidationError

from ...agents.triage.types import TriageReport
from ...core.clock import to_iso
from ...core.database import Connection, Database, Migration
from ...policies.ledger.erasure import Selector
from ..reports.render import render_json

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE kept_report (
            run_id TEXT PRIMARY KEY,
            team TEXT NOT NULL,
            told_at TEXT NOT NULL,
            title TEXT NOT NULL,
            verdict TEXT NOT NULL,
            suspect TEXT NOT NULL,
            report TEXT NOT NULL
        ) STRICT
        """,
    ),
)


class KeptReports:
    """The reports of an installation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.migrate("kept_reports", MIGRATIONS)

    def keep(self, report: TriageReport, team: str, at: datetime) -> None:
        """Keep a report, once."""
        row = (
            report.run_id,
            team,
            to_iso(at),
            report.incident.title,
            report.verdict,
            report.ranking[0].entity if report.ranking else "",
            render_json(report),
        )
        sql = "INSERT INTO kept_report VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id) DO NOTHING"
        with self._database.transaction() as connection:
            connection.execute(sql, row)

    def report_of(self, run_id: str) -> TriageReport | None:
        """The report of a run; `None` where none was kept, or another version wrote it."""
        sql = "SELECT report FROM kept_report WHERE run_id = ?"
        row = self._database.connection().execute(sql, (run_id,)).fetchone()
        try:
            return None if row is None else TriageReport.model_validate_json(row["report"])
        except ValidationError:
            return None

    def since(self, moment: datetime, team: str, limit: int) -> list[TriageReport]:
        """The reports of a team that were told since a moment, the newest first, as far as this version reads them."""
        sql = "SELECT report FROM kept_report WHERE team = ? AND told_at >= ? ORDER BY told_at DESC LIMIT ?"
        found = []
        for row in self._database.connection().execute(sql, (team, to_iso(moment), limit)).fetchall():
            with suppress(ValidationError):
                found.append(TriageReport.model_validate_json(row["report"]))
        return found

    @staticmethod
    def erase(connection: Connection, selector: Selector, spared: Sequence[str] = ()) -> int:
        """Erase the reports of a run, or those told before a moment, inside the caller's transaction.

        Args:
            connection: the caller's.
            selector: whose.
            spared: runs whose reports stay.
        """
        where, values = selector.condition("run_id = ?", "told_at < ?")
        if spared:
            where += f" AND run_id NOT IN ({', '.join('?' * len(spared))})"
        return connection.execute(f"DELETE FROM kept_report WHERE {where}", (*values, *spared)).rowcount  # noqa: S608 - our own words
