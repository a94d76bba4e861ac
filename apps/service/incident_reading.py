"""What is asked of incidents: those there are, their alerts, and what happened to them."""

from __future__ import annotations

from datetime import datetime

from ...core.clock import Clock, to_iso
from ...core.database import Connection, Database
from ...core.errors import InputError
from ...core.ids import IdSource
from .incident_records import (
    MIGRATIONS,
    Event,
    Incident,
    KnownAlert,
    RunState,
    alerts_of,
    event_of,
    incident_of,
    read,
    told,
)
from .telling import ToldIncident

_MOST_LISTED = 10_000


class IncidentReading:
    """Reads the incidents of an installation.

    Args:
        database: where they are kept.
        clock: tells when things happened.
        ids: gives each its id.
    """

    def __init__(self, database: Database, clock: Clock, ids: IdSource) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        database.migrate("incidents", MIGRATIONS)

    def get(self, incident_id: str) -> Incident:
        """One incident.

        Raises:
            InputError: there is none of that id.
        """
        rows = self._database.connection().execute("SELECT * FROM incident WHERE id = ?", (incident_id,)).fetchall()
        if not rows:
            raise InputError("there is no such incident", remedy="`opswarden incidents list` shows those there are")
        return incident_of(rows[0])

    def get_live(self, incident_id: str) -> Incident:
        """One incident that is not over.

        Raises:
            InputError: it is over, or there is none of that id.
        """
        return self._live(self._database.connection(), incident_id)

    def touched_since(self, moment: datetime, limit: int = 1_000) -> list[Incident]:
        """Those that are not over or to which something happened since; the newest first."""
        sql = (
            "SELECT * FROM incident WHERE state IN ('open', 'acknowledged') OR id IN "
            "(SELECT incident_id FROM incident_event WHERE at >= ?) ORDER BY opened_at DESC, id DESC LIMIT ?"
        )
        rows = self._database.connection().execute(sql, (to_iso(moment), min(limit, _MOST_LISTED)))
        return [incident_of(row) for row in rows]

    def listed(self, *, is_live: bool = True, limit: int = 100) -> list[Incident]:
        """Incidents, the newest first."""
        where = "WHERE state IN ('open', 'acknowledged')" if is_live else ""
        sql = f"SELECT * FROM incident {where} ORDER BY opened_at DESC, id DESC LIMIT ?"  # noqa: S608 - a constant of ours
        return [incident_of(row) for row in self._database.connection().execute(sql, (min(limit, _MOST_LISTED),))]

    def of_run(self, run_id: str) -> Incident | None:
        """The incident whose triage is a run."""
        rows = self._database.connection().execute("SELECT * FROM incident WHERE run_id = ?", (run_id,)).fetchall()
        return incident_of(rows[0]) if rows else None

    def in_run_state(self, state: RunState, limit: int = 1_000) -> list[Incident]:
        """Those whose triage stands there, the longest due first."""
        sql = "SELECT * FROM incident WHERE run_state = ? ORDER BY due_at, id LIMIT ?"
        return [incident_of(row) for row in self._database.connection().execute(sql, (state, limit))]

    def alerts(self, incident_id: str) -> list[KnownAlert]:
        """The alerts of an incident, the first that began first."""
        return alerts_of(self._database.connection(), incident_id)

    def timeline(self, incident_id: str) -> list[Event]:
        """What happened to it, in order."""
        sql = "SELECT * FROM incident_event WHERE incident_id = ? ORDER BY number"
        return [event_of(row) for row in self._database.connection().execute(sql, (incident_id,))]

    def untold(self, limit: int = 200) -> list[Event]:
        """What happened and was not told yet, incident by incident, in order."""
        sql = "SELECT * FROM incident_event WHERE notice <> '' ORDER BY incident_id, number LIMIT ?"
        return [event_of(row) for row in self._database.connection().execute(sql, (limit,))]

    def told_as(self, incident: Incident) -> ToldIncident:
        """An incident as a telling may know it."""
        return told(self._database.connection(), incident)

    def _live(self, connection: Connection, incident_id: str) -> Incident:
        incident = read(connection, incident_id)
        if not incident.is_live:
            raise InputError(f"the incident is {incident.state} already", remedy="an alert of its own opens it again")
        return incident
