"""Circumstances of a call that lie outside its run: whether emergency access is open, and the like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..core.errors import InputError, LedgerError
from .emergencies import Emergencies, warning
from .facts import CommonFacts, Target
from .stop_file import StopFile
from .subjects import Subject
from .tickets import TicketCheck, as_text
from .types import Decision, Deny, Run


class Surroundings:
    """Adds to the facts of a decision what the run itself does not know.

    Args:
        emergencies: emergency access; without it there is none.
        tickets: asks for change tickets; without it no run has one.
        stop: what operators have stopped; without it nothing is.
    """

    def __init__(
        self,
        *,
        emergencies: Emergencies | None = None,
        tickets: TicketCheck | None = None,
        stop: StopFile | None = None,
    ) -> None:
        self._stop = stop
        self._emergencies = emergencies
        self._tickets = tickets

    def added_to(self, common: CommonFacts, run: Run, subject: Subject) -> CommonFacts:
        """The facts with the surroundings of the subject."""
        common = replace(common, audience_team=run.audience_team)
        if not isinstance(subject.resource, Target) or not subject.is_once:
            return common
        team, target = run.principal.team, subject.resource
        ticket = self._tickets.facts(run.id, team=team, resource=target.name) if self._tickets else None
        return replace(common, emergency=self._is_emergency(run, target.environment), ticket=ticket)

    def stopped(self, run: Run, subject: Subject) -> Deny | None:
        """Why an operator's stop file keeps the subject from any decision; `None` where it does not."""
        return self._stop.why(run, subject) if self._stop is not None else None

    def explained(self, decision: Decision, common: CommonFacts) -> Decision:
        """The decision; a denial by a rule that speaks of tickets also says what is wrong with the run's."""
        if not isinstance(decision, Deny) or self._tickets is None:
            return decision
        # Another rule may come first in the list of those that deny.
        if not any("ticket" in policy_id for policy_id in decision.policy_ids):
            return decision
        why = "nobody named a change ticket for the run" if common.ticket is None else as_text(common.ticket)
        return replace(decision, remedy="; ".join(filter(None, (why, decision.remedy)))) if why else decision

    def warnings(self) -> Sequence[str]:
        """What everybody has to know who looks at a report now."""
        if self._emergencies is None:
            return ()
        try:
            return tuple(warning(one) for one in self._emergencies.open_now())
        except (InputError, LedgerError) as error:
            return (f"whether emergency access is open is not known: {error.message}",)

    def _is_emergency(self, run: Run, environment: str) -> bool:
        if self._emergencies is None:
            return False
        return self._emergencies.in_force(team=run.principal.team, environment=environment) is not None
