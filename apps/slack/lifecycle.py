"""What people say of an incident in its thread: who takes care of it, how bad it is, that it is over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...core.errors import InputError
from ..installation import Installation
from ..past_runs import PastRuns
from ..service.confirming import confirm
from ..service.incidents import Incidents
from ..service.severities import SEVERITIES
from .deciding import person_of
from .phrases import in_language
from .words import Language, say

Step = Literal["acknowledge", "assign", "rate", "resolve"]
_STEPS: dict[str, Step] = {
    **dict.fromkeys(("ack", "acknowledge", "reconocer", "reconhecer"), "acknowledge"),
    **dict.fromkeys(("assign", "asignar", "atribuir"), "assign"),
    **dict.fromkeys(("severity", "gravedad", "gravidade"), "rate"),
    **dict.fromkeys(("resolve", "resolver"), "resolve"),
}
_ME = ("me", "mí", "mi", "mim")
_ANYWAY = ("anyway", "igual", "mesmo")
_MENTIONED = re.compile(r"<@([A-Z0-9]{3,32})(?:\|[^>]*)?>")
_LONGEST = 500


def step_of(words: Sequence[str]) -> Step | None:
    """The step that somebody wants; `None` if it is something else, such as a question."""
    step = _STEPS.get(words[0].casefold()) if words and "?" not in words[-1] else None
    return step if step != "acknowledge" or len(words) == 1 else None


@dataclass(frozen=True)
class Lifecycle:
    """Takes steps in the life of an incident for people of a channel.

    Args:
        incidents: where it is kept; who tells incidents tells the step as well.
        language: of the channel.
    """

    installation: Installation
    incidents: Incidents
    language: Language

    def take(self, incident_id: str, step: Step, by: str, words: Sequence[str], text: str) -> str:
        """Take a step; what to tell whoever asked. Taken twice it changes nothing more.

        Args:
            incident_id: of the incident in whose thread it was said.
            step: what is wanted.
            by: whoever says so, `person:<name>`.
            words: what came after the verb.
            text: as it was written, with its mentions.
        """
        try:
            if step == "acknowledge":
                self.incidents.acknowledge(incident_id, by)
                return say(self.language, "acknowledged", by=by)
            if step == "assign":
                return self._assign(incident_id, by, words, text)
            if step == "rate":
                return self._rate(incident_id, by, words)
            return self._resolve(incident_id, by, words)
        except InputError as error:
            return say(self.language, "did_not_work", why=in_language(error.message, self.language))

    def _assign(self, incident_id: str, by: str, words: Sequence[str], text: str) -> str:
        to = self._person(by, words, text)
        if not to:
            return say(self.language, "assign_whom")
        self.incidents.assign(incident_id, to, by)
        return say(self.language, "is_assigned", to=to)

    def _person(self, by: str, words: Sequence[str], text: str) -> str:
        """Whom they mean, by a mention or a name under `people`; empty if nobody who is listed."""
        found = (person_of(self.installation, each) for each in _MENTIONED.findall(text)[:10])
        mentioned = next((known[0].principal for known in found if known is not None), "")
        if mentioned or not words:
            return mentioned
        name = words[0].lstrip("@")
        if name.casefold() in _ME:
            return by
        return f"person:{name}" if name in self.installation.settings.people else ""

    def _rate(self, incident_id: str, by: str, words: Sequence[str]) -> str:
        severity = words[0].casefold() if words else ""
        if severity not in SEVERITIES:
            return say(self.language, "rate_how", severities=", ".join(SEVERITIES))
        self.incidents.rate(incident_id, severity, by)
        return say(self.language, "is_rated", severity=severity)

    def _resolve(self, incident_id: str, by: str, words: Sequence[str]) -> str:
        """Once the alerting systems confirm it, or somebody says why it is all the same."""
        incident = self.incidents.get(incident_id)
        if incident.state == "resolved":
            return say(self.language, "resolved")
        is_anyway = bool(words) and words[0].casefold() in _ANYWAY
        said = self.installation.redaction.scrub(" ".join(words[1:] if is_anyway else words))[:_LONGEST]
        if is_anyway and not said:
            return say(self.language, "resolve_why")
        found = confirm(self.installation, self.incidents.get_live(incident_id), self.incidents.alerts(incident_id), by)
        if found.answer != "over" and not is_anyway:
            return say(self.language, "not_over", why=in_language(found.line, self.language))
        solved = "" if is_anyway else said
        more = f"; {said}" if is_anyway else f"; solved by: {said}" if said else ""
        resolved = self.incidents.resolve(incident_id, by, f"{found.line}{more}")
        if solved:
            PastRuns(self.installation.database).said_solved(resolved.run_id, solved)
        return say(self.language, "resolved")
