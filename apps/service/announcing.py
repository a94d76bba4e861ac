"""What happens to incidents is told, each thing once, through the gate and in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...core.errors import LedgerError, OpswardenError
from ...policies.types import Notice, Principal, Run, Sender, TellResult
from ..installation import Installation
from ..wiring import gate_factory
from .driving import TRIGGER
from .incident_records import Event
from .incidents import Incidents
from .telling import STATUS, IncidentStatus, Telling, ToldIncident

_RETRY_S = 10.0
_MOST_TRIES = 360
"""Of one message that cannot be delivered; an hour."""
_MOST_TOLD = 10_000
_LONGEST_S = 10 * 365 * 86_400


class Announcer:
    """Tells what is on timelines and has not been told.

    Args:
        installation: whose incidents.
        incidents: where they are kept.
        telling_of: where an incident is told, by name.
    """

    def __init__(self, installation: Installation, incidents: Incidents, telling_of: Callable[[str], Telling]) -> None:
        self._installation = installation
        self._incidents = incidents
        self._telling_of = telling_of
        self._tried: dict[tuple[str, int], tuple[int, float]] = {}

    def announce(self) -> int:
        """Tell what can be told now; how much was told. Of one incident nothing overtakes what came before."""
        told, held_up = 0, set[str]()
        for event in self._incidents.untold():
            if event.incident_id in held_up or not self._is_due(event):
                held_up.add(event.incident_id)
                continue
            if self._tell(event):
                self._incidents.was_told(event)
                self._tried.pop((event.incident_id, event.number), None)
                told += 1
            else:
                held_up.add(event.incident_id)
        return told

    def _is_due(self, event: Event) -> bool:
        _, at = self._tried.get((event.incident_id, event.number), (0, float("-inf")))
        return self._installation.clock.monotonic() - at >= _RETRY_S

    def _tell(self, event: Event) -> bool:
        """Whether it is done with: told, refused for good, or tried too often."""
        key = event.incident_id, event.number
        tries, _ = self._tried.get(key, (0, 0.0))
        self._tried[key] = tries + 1, self._installation.clock.monotonic()
        status = IncidentStatus.model_validate_json(event.notice)
        incident = self._incidents.get(event.incident_id)
        try:
            telling = self._telling_of(incident.telling)
            found = told_once(
                self._installation,
                status.incident,
                telling,
                Notice(STATUS, status.model_dump(mode="json")),
                event.number,
            )
        except LedgerError:
            return False
        except OpswardenError:
            return tries + 1 >= _MOST_TRIES
        return found.status != "failed" or tries + 1 >= _MOST_TRIES


def told_once(
    installation: Installation, incident: ToldIncident, telling: Telling, notice: Notice, number: int
) -> TellResult:
    """Tell something of an incident, once for its number, in the run that is the incident's own.

    Raises:
        LedgerError: nothing could be recorded.
        RedactionError: it could not be cleaned.
    """
    own = installation.of_team(incident.team)
    audience = telling.audience(incident)
    senders: Mapping[str, Sender] = {audience.kind: telling.sender(incident)}
    # A run of its own only in name: it lasts as long as the incident, and does nothing but tell.
    limits = own.settings.gate.limits.model_copy(update={"tells": _MOST_TOLD, "wall_s": _LONGEST_S})
    run = Run(
        id=incident.id,
        principal=Principal("triage", incident.asked_by, incident.team),
        trigger=TRIGGER,
        environment=incident.environment,
        audience_team=audience.team,
        known_names=own.catalogue.known_names() if own.catalogue is not None else (),
    )
    gate = gate_factory(own, (), senders=senders, limits=limits).open_run(run)
    return gate.tell(audience, notice, call_id=f"event-{number}")
