"""One leg of an incident's triage: from its start, or from where it stopped, to its report or to people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal

from ...core.clock import Clock
from ...core.database import STATEMENT_ERRORS
from ...core.errors import InputError, LedgerError, NotDelivered, OpswardenError, RedactionError
from ...tools.alerts.notification import Notified
from ..installation import Installation
from ..live.incident import incident_of_alert, incident_of_service, keep_incident, opened_lately
from ..models import chosen_models
from ..runs import RunRequest, RunRequests
from ..stopping import Stop
from ..triage import HandedBack, Outcome, Surface, go_on, start
from .incident_records import Incident, KnownAlert
from .incidents import Incidents
from .rehearsal import SYNTHETIC, rehearsal_folder
from .telling import Telling

TRIGGER = "service"
_LEGS, _LONGEST_PAUSE_S = 200, 60.0
"""What may pass is tried again for about three hours."""
_PASSING = (NotDelivered, LedgerError, *STATEMENT_ERRORS)
"""A report that is there and was not taken, and a database that was gone for a moment: it may be back when it is asked
whether it is."""
LegEnd = Literal["reported", "waiting", "failed", "handed-back", "stopped"]
"""`handed-back`: the process stops, somebody else goes on; `stopped`: it was cancelled, or done before."""


class _OutOfTime(OpswardenError):
    """The leg took longer than it may."""


class Driver:
    """Drives triages; a leg that died anywhere is driven again, and nothing that was done is done twice.

    Args:
        installation: whose incidents.
        incidents: where they are kept.
        telling_of: where an incident is told, by name.
        stop: somebody wants the process to end.
        leg_s: how long one leg may take.
    """

    def __init__(
        self,
        installation: Installation,
        incidents: Incidents,
        telling_of: Callable[[str], Telling],
        stop: Stop,
        *,
        leg_s: float,
    ) -> None:
        self._installation = installation
        self._incidents = incidents
        self._telling_of = telling_of
        self._stop = stop
        self._leg_s = leg_s

    def drive(self, incident_id: str, leg: int) -> LegEnd:
        """Drive one leg to its end, and say so.

        Raises:
            LedgerError: the database has gone; driven again, it goes on.
        """
        incident = self._incidents.get(incident_id)
        if incident.run_state != "queued" or incident.leg != leg:
            return "stopped"
        try:
            outcome = self._run(incident)
        except HandedBack:
            return "stopped" if self._is_off(incident) else "handed-back"
        except Exception as error:
            if self._is_database_gone():
                raise LedgerError("the database has gone") from error
            if isinstance(error, _PASSING) and leg < _LEGS:
                # Whoever takes the next leg goes on where this one stopped; longer apart, the longer it lasts.
                self._stop.wait(min(_LONGEST_PAUSE_S, 2.0**leg))
                return "stopped" if self._is_off(incident) else "handed-back"
            # The last edge of a run: one that ended like this would only do so again.
            why = error.message if isinstance(error, OpswardenError) else f"internal error: {type(error).__name__}"
            self._incidents.ended(incident, "failed", self._clean(why))
            return "failed"
        if outcome.report is None:
            self._incidents.ended(incident, "waiting", "it waits for people", outcome.approval_ids)
            return "waiting"
        self._incidents.ended(incident, "reported", outcome.report.verdict)
        return "reported"

    def _run(self, incident: Incident) -> Outcome:
        installation = self._installation.of_team(incident.team)
        incident = self._bound(installation, incident)
        telling, told = self._telling_of(incident.telling), self._incidents.told_as(incident)
        clock = _Watch(installation.clock, self._leg_s)

        def on_step(step: str) -> None:
            if self._stop.is_wanted or self._is_off(incident):
                raise HandedBack("the service stops, or the incident was cancelled")
            clock.check()
            telling.progress(told, step)

        surface = Surface(telling.sender(told), telling.audience(told), on_step, TRIGGER)
        requests = RunRequests(installation.database)
        try:
            request = requests.recall(incident.run_id)
        except InputError:
            is_rehearsal = incident.asked_by == f"system:{SYNTHETIC}"
            request = RunRequest(
                snapshot=Path(incident.folder),
                is_live=not is_rehearsal,
                models=chosen_models(installation.settings, None, none_wanted=is_rehearsal),
                style="markdown",
                on_behalf_of=incident.asked_by,
            )
            return start(installation, request, surface, incident.run_id)
        return go_on(installation, incident.run_id, request, surface)

    def _bound(self, installation: Installation, incident: Incident) -> Incident:
        """The incident with the run that is its own, whoever drives it."""
        if incident.run_id:
            return incident
        if incident.asked_by == f"system:{SYNTHETIC}":
            folder = rehearsal_folder(installation)
            return self._incidents.begin(incident.id, installation.ids.new("run"), str(folder))
        alerts = self._incidents.alerts(incident.id)
        now, settings = installation.clock.now(), installation.settings.live
        if alerts:
            opened = opened_lately(installation.state, now, settings)
            manifest = incident_of_alert(
                notified(alerts, settings.entity_labels[0], now), incident.environment, now, settings, opened
            )
        else:
            began = min(incident.began, now)
            manifest = incident_of_service(incident.entity, incident.environment, began, now, settings)
        folder = keep_incident(manifest, installation.state, installation.ids, installation.redaction.scrub)
        return self._incidents.begin(incident.id, installation.ids.new("run"), str(folder))

    def _is_off(self, incident: Incident) -> bool:
        now = self._incidents.get(incident.id)
        return now.run_state != "queued" or now.leg != incident.leg

    def _is_database_gone(self) -> bool:
        try:
            with self._installation.database.transaction():
                return False
        except OpswardenError:
            return True

    def _clean(self, text: str) -> str:
        try:
            return self._installation.redaction.scrub(text)[:300]
        except RedactionError:
            return "why is withheld"


class _Watch:
    """Counts the time of a leg."""

    def __init__(self, clock: Clock, most_s: float) -> None:
        self._clock = clock
        self._end = clock.monotonic() + most_s

    def check(self) -> None:
        if self._clock.monotonic() > self._end:
            raise _OutOfTime("the triage took longer than `service.leg_s`")


def notified(alerts: list[KnownAlert], entity_label: str, now: datetime) -> Notified:
    """The alert that a run begins with: the first of its incident."""
    first = alerts[0]
    labels = {"alertname": first.name, "severity": first.severity}
    if first.entity:
        labels[entity_label] = first.entity
    return Notified(
        labels=labels,
        summary=first.summary,
        runbook_url="",
        metric=first.metric or None,
        began=min(first.began, now),
        firing=True,
    )
