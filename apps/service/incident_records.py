"""What is kept of incidents: their tables, and their rows as objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ...core.clock import from_iso
from ...core.database import Connection, Migration, Row
from ...core.errors import InputError
from .alerts import AlertStatus
from .telling import IncidentState, ToldIncident

RunState = Literal["settling", "queued", "waiting", "reported", "failed", "none"]
"""Where the triage of an incident stands. `settling`: alerts may still join before it starts; `queued`: it will run, or
runs; `waiting`: for people; `none`: there will be none."""

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE incident (
            id TEXT PRIMARY KEY,
            team TEXT NOT NULL,
            environment TEXT NOT NULL,
            title TEXT NOT NULL,
            entity TEXT NOT NULL,
            severity TEXT NOT NULL,
            state TEXT NOT NULL,
            began TEXT NOT NULL,
            opened_at TEXT NOT NULL,
            ended_at TEXT,
            asked_by TEXT NOT NULL,
            telling TEXT NOT NULL,
            thread TEXT NOT NULL,
            run_state TEXT NOT NULL,
            run_id TEXT NOT NULL,
            folder TEXT NOT NULL,
            leg INTEGER NOT NULL,
            due_at TEXT NOT NULL,
            ran_at TEXT,
            ran_severity TEXT NOT NULL
        ) STRICT;
        CREATE INDEX incident_by_state ON incident (state, team, environment);
        CREATE INDEX incident_by_run ON incident (run_state, due_at);
        CREATE TABLE incident_alert (
            incident_id TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            name TEXT NOT NULL,
            entity TEXT NOT NULL,
            severity TEXT NOT NULL,
            summary TEXT NOT NULL,
            metric TEXT NOT NULL,
            began TEXT NOT NULL,
            status TEXT NOT NULL,
            times INTEGER NOT NULL,
            PRIMARY KEY (incident_id, fingerprint)
        ) STRICT;
        CREATE TABLE incident_event (
            incident_id TEXT NOT NULL,
            number INTEGER NOT NULL,
            at TEXT NOT NULL,
            what TEXT NOT NULL,
            by_whom TEXT NOT NULL,
            note TEXT NOT NULL,
            notice TEXT NOT NULL,
            PRIMARY KEY (incident_id, number)
        ) STRICT;
        CREATE INDEX incident_event_untold ON incident_event (notice)
        """,
    ),
    (2, "ALTER TABLE incident ADD COLUMN assignee TEXT NOT NULL DEFAULT ''"),
)


@dataclass(frozen=True)
class KnownAlert:
    """An alert as an incident keeps it: redacted, and known by the hash of its fingerprint."""

    fingerprint: str
    name: str
    entity: str
    severity: str
    summary: str
    metric: str
    began: datetime
    status: AlertStatus
    times: int = 1

    @property
    def about(self) -> str:
        """Its entity; its name, where it has none."""
        return self.entity or self.name


@dataclass(frozen=True)
class Incident:
    """One incident.

    Args:
        entity: of its first alert.
        severity: the highest of its alerts.
        asked_by: who opened it.
        telling: where it is told, by name.
        thread: what that telling was given to find its place again.
        run_id: of its triage; empty before one is started.
        folder: of the live incident that the run reads.
        leg: counts how often its triage was put into the queue.
        due_at: when a settling one is triaged.
        ran_at: when its triage was started.
        ran_severity: what was the highest then.
        assignee: `person:<name>` of who takes care of it; empty while nobody does.
    """

    id: str
    team: str
    environment: str
    title: str
    entity: str
    severity: str
    state: IncidentState
    began: datetime
    opened_at: datetime
    ended_at: datetime | None
    asked_by: str
    telling: str
    thread: str
    run_state: RunState
    run_id: str
    folder: str
    leg: int
    due_at: datetime
    ran_at: datetime | None
    ran_severity: str
    assignee: str = ""

    @property
    def is_live(self) -> bool:
        """Whether it is not over."""
        return self.state in ("open", "acknowledged")


@dataclass(frozen=True)
class Event:
    """One line of a timeline; `notice` is empty for what is told to nobody, or was told."""

    incident_id: str
    number: int
    at: datetime
    what: str
    by: str
    note: str
    notice: str


def told(connection: Connection, incident: Incident) -> ToldIncident:
    alerts = alerts_of(connection, incident.id)
    return ToldIncident(
        id=incident.id,
        run_id=incident.run_id,
        team=incident.team,
        environment=incident.environment,
        title=incident.title,
        entity=incident.entity,
        severity=incident.severity,
        state=incident.state,
        began=incident.began,
        alerts=len(alerts),
        firing=sum(each.status != "resolved" for each in alerts),
        thread=incident.thread,
        asked_by=incident.asked_by,
    )


def read(connection: Connection, incident_id: str) -> Incident:
    row = connection.execute("SELECT * FROM incident WHERE id = ?", (incident_id,)).fetchone()
    if row is None:
        raise InputError("there is no such incident", remedy="`opswarden incidents list` shows those there are")
    return incident_of(row)


def alerts_of(connection: Connection, incident_id: str) -> list[KnownAlert]:
    rows = connection.execute(
        "SELECT * FROM incident_alert WHERE incident_id = ? ORDER BY began, fingerprint", (incident_id,)
    )
    return [
        KnownAlert(
            fingerprint=row["fingerprint"],
            name=row["name"],
            entity=row["entity"],
            severity=row["severity"],
            summary=row["summary"],
            metric=row["metric"],
            began=from_iso(row["began"]),
            status=row["status"],
            times=row["times"],
        )
        for row in rows.fetchall()
    ]


def incident_of(row: Row) -> Incident:
    return Incident(
        id=row["id"],
        team=row["team"],
        environment=row["environment"],
        title=row["title"],
        entity=row["entity"],
        severity=row["severity"],
        state=row["state"],
        began=from_iso(row["began"]),
        opened_at=from_iso(row["opened_at"]),
        ended_at=_moment(row["ended_at"]),
        asked_by=row["asked_by"],
        telling=row["telling"],
        thread=row["thread"],
        run_state=row["run_state"],
        run_id=row["run_id"],
        folder=row["folder"],
        leg=row["leg"],
        due_at=from_iso(row["due_at"]),
        ran_at=_moment(row["ran_at"]),
        ran_severity=row["ran_severity"],
        assignee=row["assignee"],
    )


def event_of(row: Row) -> Event:
    return Event(
        row["incident_id"], row["number"], from_iso(row["at"]), row["what"], row["by_whom"], row["note"], row["notice"]
    )


def _moment(text: str | None) -> datetime | None:
    return from_iso(text) if text else None
