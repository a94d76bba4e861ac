"""Alerts that came in become incidents, or part of one; the arrival is settled in the same transaction."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable

from pydantic import ValidationError

from ...core.database import STATEMENT_ERRORS, Database
from ...core.errors import InputError, LedgerError, RedactionError
from ...tools.shown import flat
from .alerts import IncomingAlert
from .arrivals import Arrival, Arrivals
from .folding import FoldingRules, Neighbours
from .incident_records import Incident, KnownAlert
from .incidents import Incidents
from .rehearsal import SYNTHETIC
from .webhooks import SOURCE

NeighboursOf = Callable[[str], Neighbours]
"""By environment."""
_TRIES = 3
_LONGEST_SEVERITY = 512
_log = logging.getLogger("opswarden.service")


def is_ours(arrival: Arrival) -> bool:
    """Whether it is an alert as a webhook keeps it; others that take alerts read them themselves."""
    return arrival.kind == "alert" and (arrival.source.startswith(SOURCE) or arrival.source == SYNTHETIC)


class Intake:
    """Works off the arrivals of webhooks.

    Args:
        database: of both arrivals and incidents.
        arrivals: what came in.
        incidents: where it goes.
        scrub: cleans what outsiders wrote; nothing else of it is kept.
        telling: where incidents of webhooks are told, by name.
        neighbours: in the call graph.
        rules: what belongs together.
    """

    def __init__(
        self,
        database: Database,
        arrivals: Arrivals,
        incidents: Incidents,
        scrub: Callable[[str], str],
        *,
        telling: str,
        neighbours: NeighboursOf,
        rules: FoldingRules,
    ) -> None:
        self._database = database
        self._arrivals = arrivals
        self._incidents = incidents
        self._scrub = scrub
        self._telling = telling
        self._neighbours = neighbours
        self._rules = rules
        self._tries: dict[str, int] = {}

    def take(self, arrival: Arrival) -> Incident | None:
        """Put the alert of an arrival where it belongs, and settle the arrival.

        Returns:
            Its incident; `None` if it belongs to none.

        Raises:
            LedgerError: the database failed; nothing has happened then.
        """
        try:
            alert = IncomingAlert.model_validate(arrival.body.get("alert"))
            team, environment = str(arrival.body["team"]), str(arrival.body["environment"])
        except (ValidationError, KeyError):
            self._arrivals.settle(arrival.id, "failed", "another version kept it")
            return None
        known = self._known(alert)
        neighbours = self._neighbours(environment)
        with self._database.transaction():
            if not self._arrivals.is_waiting(arrival.id):
                return None  # another worker has taken it meanwhile
            incident = self._incidents.fold(
                known,
                team=team,
                environment=environment,
                by=f"system:{arrival.source}",
                # Nobody is to be woken by a rehearsal.
                telling="reports" if arrival.source == SYNTHETIC else self._telling,
                neighbours=neighbours,
                rules=self._rules,
            )
            self._arrivals.settle(arrival.id, "done", incident.id if incident else "no incident of it is known")
        return incident

    def take_waiting(self, limit: int = 500) -> int:
        """Take what waits; how much was taken. What cannot be taken is set aside, and the next one taken.

        Raises:
            LedgerError: the database failed; what is left waits.
        """
        taken = 0
        for arrival_id in self._arrivals.waiting(limit):
            try:
                arrival = self._arrivals.read(arrival_id)
            except InputError:
                self._arrivals.settle(arrival_id, "failed", "it cannot be read")
                continue
            if is_ours(arrival):
                taken += self._is_taken(arrival)
        return taken

    def _is_taken(self, arrival: Arrival) -> bool:
        """Whether it was taken; one alert with which something goes wrong keeps no other waiting."""
        try:
            self.take(arrival)
        except (LedgerError, *STATEMENT_ERRORS):
            raise
        except Exception as error:  # noqa: BLE001 - a defect that a text of outsiders has found; it is said and recorded
            tries = self._tries[arrival.id] = self._tries.get(arrival.id, 0) + 1
            _log.warning("an alert could not be taken (%s)", type(error).__name__)
            if tries >= _TRIES:
                del self._tries[arrival.id]
                self._arrivals.settle(arrival.id, "failed", f"given up after {_TRIES} tries ({type(error).__name__})")
            return False
        self._tries.pop(arrival.id, None)
        return True

    def _known(self, alert: IncomingAlert) -> KnownAlert:
        return KnownAlert(
            fingerprint=hashlib.sha256(alert.fingerprint.encode()).hexdigest(),
            name=self._clean(alert.name, 256),
            entity=self._clean(alert.entity, 512),
            severity=self._severity(alert.severity),
            summary=self._clean(alert.summary, 4_096),
            metric=self._clean(alert.metric, 256),
            began=alert.began,
            status=alert.status,
        )

    def _severity(self, text: str) -> str:
        """In lower case, which comes last: a key in lower case is not recognised as one."""
        cleaned = self._clean(text, _LONGEST_SEVERITY)
        return (cleaned if "<" in cleaned else cleaned.lower())[:64]

    def _clean(self, text: str, limit: int) -> str:
        """What outsiders wrote, redacted; an alert is not lost because a text of it could not be.

        Without control characters, of which PostgreSQL keeps no NUL.
        """
        try:
            return flat(self._scrub(text))[:limit]
        except RedactionError:
            return "withheld"
