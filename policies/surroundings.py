"""Circumstances of a call that lie outside its run: whether emergency access is open, and the like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..core.errors import InputError, LedgerError
from .emergencies import Emergencies, warning
from .facts import CommonFacts, Target
from .subjects import Subject
from .types import Run


class Surroundings:
    """Adds to the facts of a decision what the run itself does not know.

    Args:
        emergencies: emergency access; without it there is none.
    """

    def __init__(self, *, emergencies: Emergencies | None = None) -> None:
        self._emergencies = emergencies

    def added_to(self, common: CommonFacts, run: Run, subject: Subject) -> CommonFacts:
        """The facts with the surroundings of the subject."""
        if not isinstance(subject.resource, Target) or not subject.is_once:
            return common
        return replace(common, emergency=self._is_emergency(run, subject.resource.environment))

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
