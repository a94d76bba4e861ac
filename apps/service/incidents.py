"""Incidents: alerts that are one trouble, what became of it, and where its triage stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from ...core.clock import to_iso
from ...core.database import Connection
from ...core.errors import InputError
from ...tools.alerts.firing import severity_rank
from .folding import Candidate, FoldingRules, Neighbours, choose
from .incident_reading import IncidentReading
from .incident_records import (
    Event,
    Incident,
    KnownAlert,
    RunState,
    alerts_of,
    incident_of,
    read,
    told,
)
from .telling import Happened, IncidentStatus


class Incidents(IncidentReading):
    """The incidents of an installation, and everything that happens to them.

    Args:
        database: where they are kept.
        clock: tells when things happened.
        ids: gives each its id.
    """

    def was_told(self, event: Event) -> None:
        """Say that an event was told."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE incident_event SET notice = '' WHERE incident_id = ? AND number = ?",
                (event.incident_id, event.number),
            )

    def open_one(
        self,
        *,
        team: str,
        environment: str,
        title: str,
        entity: str,
        began: datetime,
        by: str,
        telling: str,
        thread: str,
    ) -> Incident:
        """Open an incident without an alert, because a person asks; its triage is due at once.

        Every text is redacted already.
        """
        with self._database.transaction() as connection:
            incident = self._new(connection, team, environment, title, entity, "", began, by, telling, thread, 0)
        return incident

    def fold(
        self,
        alert: KnownAlert,
        *,
        team: str,
        environment: str,
        by: str,
        telling: str,
        neighbours: Neighbours,
        rules: FoldingRules,
    ) -> Incident | None:
        """Put an alert where it belongs; inside of the caller's transaction if there is one.

        Args:
            alert: redacted.
            team: whose.
            environment: where.
            by: who brought it, `system:<webhook>`.
            telling: where a new incident is told.
            neighbours: in the call graph as it was last known.
            rules: what belongs together.

        Returns:
            Its incident; `None` for the end of an alert that nobody knew.
        """
        with self._database.transaction() as connection:
            known = self._known(connection, alert, team, environment, rules)
            if alert.status != "firing":
                return self._ended(connection, known, alert, by) if known else None
            if known is not None:
                return self._again(connection, known, alert, by, rules)
            candidates = self._candidates(connection, team, environment)
            within = timedelta(seconds=rules.within_s)
            joined, merged = choose(candidates, alert.fingerprint, alert.about, alert.began, neighbours, within)
            if joined is None:
                settle = rules.settle_s
                title = alert.name
                incident = self._new(
                    connection,
                    team,
                    environment,
                    title,
                    alert.entity,
                    alert.severity,
                    alert.began,
                    by,
                    telling,
                    "",
                    settle,
                )
                self._keep(connection, incident.id, alert)
                return incident
            incident = read(connection, joined)
            self._merge(connection, incident, merged)
            return self._join(connection, incident, alert, by, rules)

    def acknowledge(self, incident_id: str, by: str) -> Incident:
        """Say that somebody takes care of it.

        Raises:
            InputError: it is over, or there is none.
        """
        with self._database.transaction() as connection:
            incident = self._live(connection, incident_id)
            if incident.state == "open":
                takes = {} if incident.assignee else {"assignee": by}
                incident = self._set(connection, incident, state="acknowledged", **takes)
                self._happened(connection, incident, "acknowledged", by=by)
        return incident

    def assign(self, incident_id: str, to: str, by: str) -> Incident:
        """Say who takes care of it, `person:<name>`.

        Raises:
            InputError: it is over, or there is none.
        """
        with self._database.transaction() as connection:
            incident = self._live(connection, incident_id)
            if incident.assignee != to:
                incident = self._set(connection, incident, assignee=to)
                self._happened(connection, incident, "assigned", by=by, note=f"to {to}")
        return incident

    def rate(self, incident_id: str, severity: str, by: str) -> Incident:
        """Say how bad it is; an alert that is worse raises it again.

        Raises:
            InputError: it is over, or there is none.
        """
        with self._database.transaction() as connection:
            incident = self._live(connection, incident_id)
            if incident.severity != severity:
                before = incident.severity or "none"
                incident = self._set(connection, incident, severity=severity)
                self._happened(connection, incident, "rated", by=by, note=f"severity {before} → {severity}")
        return incident

    def resolve(self, incident_id: str, by: str, note: str) -> Incident:
        """Say that it is over; a triage that has not ended still tells what it finds.

        Raises:
            InputError: it is over already, or there is none.
        """
        return self._close(incident_id, "resolved", by, note)

    def cancel(self, incident_id: str, by: str, note: str = "") -> Incident:
        """Say that it is none; a triage that has not ended is stopped.

        Raises:
            InputError: it is over already, or there is none.
        """
        return self._close(incident_id, "cancelled", by, note)

    def ask_again(self, incident_id: str, by: str) -> Incident:
        """Have it triaged once more.

        Raises:
            InputError: it is over, its triage has not ended, or there is none.
        """
        with self._database.transaction() as connection:
            incident = self._live(connection, incident_id)
            if incident.run_state not in ("reported", "failed", "none"):
                raise InputError("its triage has not ended yet", remedy="wait for it, or cancel the incident")
            incident = self._anew(connection, incident, 0)
            self._happened(connection, incident, "", by=by, note="another triage is asked for")
        return incident

    def queue(self, incident: Incident) -> None:
        """Say that the triage is in the queue; the first time, the incident is told with that."""
        with self._database.transaction() as connection:
            now = read(connection, incident.id)
            if now.run_state == "settling":
                self._set(connection, now, run_state="queued")
                if now.leg == 1:
                    self._happened(connection, now, "opened", by=now.asked_by)

    def next_leg(self, incident: Incident) -> Incident:
        """The people whom its triage waited for have answered, or whoever drove it has left it: it goes on."""
        with self._database.transaction() as connection:
            now = read(connection, incident.id)
            if now.run_state != incident.run_state or now.leg != incident.leg:
                return now
            return self._set(connection, now, run_state="queued", leg=now.leg + 1)

    def begin(self, incident_id: str, run_id: str, folder: str) -> Incident:
        """Bind an incident to its run, before anything of the run happens; the one that is bound already stays."""
        with self._database.transaction() as connection:
            incident = read(connection, incident_id)
            if incident.run_id:
                return incident
            return self._set(
                connection,
                incident,
                run_id=run_id,
                folder=folder,
                ran_at=to_iso(self._clock.now()),
                ran_severity=incident.severity,
            )

    def ended(self, incident: Incident, state: RunState, note: str = "", approvals: Sequence[str] = ()) -> None:
        """Say how the triage of a leg ended; once, whoever says it again."""
        with self._database.transaction() as connection:
            now = read(connection, incident.id)
            if now.run_state != "queued" or now.leg != incident.leg:
                return
            now = self._set(connection, now, run_state=state)
            what: dict[str, Happened] = {"waiting": "waiting", "failed": "failed"}
            self._happened(connection, now, what.get(state, ""), note=note or f"triage: {state}", approvals=approvals)

    def _close(self, incident_id: str, state: Literal["resolved", "cancelled"], by: str, note: str) -> Incident:
        with self._database.transaction() as connection:
            incident = self._live(connection, incident_id)
            is_stopped = state == "cancelled" and incident.run_state in ("settling", "queued", "waiting")
            changes = {"run_state": "none"} if is_stopped else {}
            incident = self._set(connection, incident, state=state, ended_at=to_iso(self._clock.now()), **changes)
            self._happened(connection, incident, state, by=by, note=note)
        return incident

    def _known(
        self, connection: Connection, alert: KnownAlert, team: str, environment: str, rules: FoldingRules
    ) -> Incident | None:
        """The incident that has this alert: one that is not over, or one that ended a moment ago."""
        rows = connection.execute(
            "SELECT incident.* FROM incident JOIN incident_alert ON incident_alert.incident_id = incident.id "
            "WHERE incident_alert.fingerprint = ? AND team = ? AND environment = ? "
            "ORDER BY opened_at DESC, id DESC LIMIT 1",
            (alert.fingerprint, team, environment),
        ).fetchall()
        if not rows:
            return None
        incident = incident_of(rows[0])
        if incident.is_live:
            return incident
        if incident.state == "cancelled" or incident.ended_at is None:
            return None
        late = self._clock.now() - incident.ended_at > timedelta(seconds=rules.reopen_s)
        return None if late else incident

    def _again(
        self, connection: Connection, incident: Incident, alert: KnownAlert, by: str, rules: FoldingRules
    ) -> Incident:
        """An alert of the incident's own fires, perhaps anew."""
        before = next(each for each in alerts_of(connection, incident.id) if each.fingerprint == alert.fingerprint)
        if alert.began <= before.began and before.status == "resolved":
            return incident  # it is over already; the message took longer than the one about its end
        if not incident.is_live:
            incident = self._set(connection, incident, state="open", ended_at=None)
            self._happened(connection, incident, "reopened", by=by, note=f"{alert.name} fires again")
        return self._join(connection, incident, alert, by, rules)

    def _join(
        self, connection: Connection, incident: Incident, alert: KnownAlert, by: str, rules: FoldingRules
    ) -> Incident:
        entities = {each.about for each in alerts_of(connection, incident.id)}
        self._keep(connection, incident.id, alert)
        is_new = alert.about not in entities
        is_worse = severity_rank(alert.severity) < severity_rank(incident.severity)
        changes = {"severity": alert.severity} if is_worse else {}
        if alert.began < incident.began:
            changes["began"] = to_iso(alert.began)
        if changes:
            incident = self._set(connection, incident, **changes)
        if not (is_new or is_worse):
            return incident
        what: Happened | Literal[""] = "grew" if incident.run_state != "settling" else ""
        self._happened(connection, incident, what, by=by, note=f"{alert.name} of {alert.about} joins")
        late = incident.ran_at and self._clock.now() - incident.ran_at >= timedelta(seconds=rules.anew_s)
        is_above = severity_rank(alert.severity) < severity_rank(incident.ran_severity)
        if incident.run_state == "reported" and (is_above or (is_new and late)):
            incident = self._anew(connection, incident, rules.settle_s)
        return incident

    def _ended(self, connection: Connection, incident: Incident, alert: KnownAlert, by: str) -> Incident:
        """An alert of the incident is over, or somebody takes care of it elsewhere."""
        before = next(each for each in alerts_of(connection, incident.id) if each.fingerprint == alert.fingerprint)
        if alert.status == "acknowledged":
            if incident.state == "open":
                incident = self._set(connection, incident, state="acknowledged")
                self._happened(connection, incident, "acknowledged", by=by)
            return incident
        if before.status == "resolved" or alert.began < before.began:
            return incident
        self._keep(connection, incident.id, replace(before, status="resolved", times=0))
        if incident.is_live and all(each.status == "resolved" for each in alerts_of(connection, incident.id)):
            self._happened(connection, incident, "cleared", by=by)
        return incident

    def _merge(self, connection: Connection, into: Incident, merged: Iterable[str]) -> None:
        """Alerts of incidents that nobody has heard of become those of another one."""
        for other in merged:
            for alert in alerts_of(connection, other):
                self._keep(connection, into.id, alert)
            for table, key in (
                ("incident_alert", "incident_id"),
                ("incident_event", "incident_id"),
                ("incident", "id"),
            ):
                connection.execute(f"DELETE FROM {table} WHERE {key} = ?", (other,))  # noqa: S608 - constants of ours
            self._happened(connection, into, "", note="another one turned out to be the same trouble")

    def _candidates(self, connection: Connection, team: str, environment: str) -> list[Candidate]:
        rows = connection.execute(
            "SELECT * FROM incident WHERE state IN ('open', 'acknowledged') AND team = ? AND environment = ?",
            (team, environment),
        ).fetchall()
        found = []
        for incident in map(incident_of, rows):
            alerts = alerts_of(connection, incident.id)
            begins = [each.began for each in alerts] or [incident.began]
            found.append(
                Candidate(
                    id=incident.id,
                    fingerprints=frozenset(each.fingerprint for each in alerts),
                    entities=frozenset(each.about for each in alerts) or frozenset({incident.entity}),
                    first=min(begins),
                    last=max(begins),
                    opened=incident.opened_at,
                    can_merge=incident.run_state == "settling" and incident.leg == 1 and bool(alerts),
                )
            )
        return found

    def _new(
        self,
        connection: Connection,
        team: str,
        environment: str,
        title: str,
        entity: str,
        severity: str,
        began: datetime,
        by: str,
        telling: str,
        thread: str,
        settle_s: float,
    ) -> Incident:
        now = self._clock.now()
        incident_id = self._ids.new("inc")
        connection.execute(
            # By name: PostgreSQL has a column of its own before those that came later.
            "INSERT INTO incident (id, team, environment, title, entity, severity, state, began, opened_at, ended_at, "
            "asked_by, telling, thread, run_state, run_id, folder, leg, due_at, ran_at, ran_severity) VALUES "
            "(?, ?, ?, ?, ?, ?, 'open', ?, ?, NULL, ?, ?, ?, 'settling', '', '', 1, ?, NULL, '')",
            (
                incident_id,
                team,
                environment,
                title,
                entity,
                severity,
                to_iso(began),
                to_iso(now),
                by,
                telling,
                thread,
                to_iso(now + timedelta(seconds=settle_s)),
            ),
        )
        return read(connection, incident_id)

    def _anew(self, connection: Connection, incident: Incident, settle_s: float) -> Incident:
        due = to_iso(self._clock.now() + timedelta(seconds=settle_s))
        return self._set(
            connection, incident, run_state="settling", run_id="", folder="", leg=incident.leg + 1, due_at=due
        )

    def _keep(self, connection: Connection, incident_id: str, alert: KnownAlert) -> None:
        connection.execute(
            "INSERT INTO incident_alert VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (incident_id, fingerprint) DO UPDATE SET severity = excluded.severity, "
            "began = excluded.began, status = excluded.status, times = incident_alert.times + excluded.times",
            (
                incident_id,
                alert.fingerprint,
                alert.name,
                alert.entity,
                alert.severity,
                alert.summary,
                alert.metric,
                to_iso(alert.began),
                alert.status,
                alert.times,
            ),
        )

    def _set(self, connection: Connection, incident: Incident, **values: str | int | None) -> Incident:
        names = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE incident SET {names} WHERE id = ?"  # noqa: S608 - names of our own columns
        connection.execute(sql, (*values.values(), incident.id))
        return read(connection, incident.id)

    def _happened(
        self,
        connection: Connection,
        incident: Incident,
        what: Happened | Literal[""],
        *,
        by: str = "",
        note: str = "",
        approvals: Sequence[str] = (),
    ) -> None:
        """Add to the timeline; what has a name of its own is told."""
        notice = ""
        if what:
            status = IncidentStatus(
                incident=told(connection, incident), what=what, by=by, note=note, approval_ids=tuple(approvals)
            )
            notice = status.model_dump_json()
        last = connection.execute(
            "SELECT max(number) AS last FROM incident_event WHERE incident_id = ?", (incident.id,)
        ).fetchone()["last"]
        connection.execute(
            "INSERT INTO incident_event VALUES (?, ?, ?, ?, ?, ?, ?)",
            (incident.id, (last or 0) + 1, to_iso(self._clock.now()), what, by, note[:500], notice),
        )
