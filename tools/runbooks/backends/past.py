"""Past incidents as pages: what was found, and what helped. They are found beside runbooks, and never stand for one."""

from __future__ import annotations

from ....core.clock import Deadline
from ...incidents.backends.types import PastReader
from ...incidents.past import PastIncident
from ..documents import Runbook, parse

FOLDER = "incidents/"
"""In front of the names of these pages."""


class PastPages:
    """The past incidents of a team of which a cause or a resolution is known; implements `RunbooksBackend`."""

    def __init__(self, past: PastReader, team: str, environment: str) -> None:
        self._past = past
        self._team = team
        self._environment = environment

    @property
    def environment(self) -> str:
        """The environment of the incidents."""
        return self._environment

    def documents(self, deadline: Deadline) -> tuple[Runbook, ...]:
        """A page for each incident, by its id."""
        told = [
            each
            for each in self._past.past(self._team, deadline)
            if (each.cause or each.resolution) and not each.nothing_wrong
        ]
        return tuple(parse(f"{FOLDER}{each.id}.md", _text(each)) for each in sorted(told, key=lambda each: each.id))


def _text(incident: PastIncident) -> str:
    parts = [f"# {_line(incident.title)}"]
    if incident.cause:
        parts.append(f"## {'Cause' if incident.is_confirmed else 'Suspected cause'}\n{_line(incident.cause)}")
    if incident.resolution:
        parts.append(f"## What helped\n{_line(incident.resolution)}")
    shown = sorted(f"- {kind}: {_line(text)}" for kind, text in incident.features)
    return "\n\n".join([*parts, "## What it had\n" + "\n".join(shown)]) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())
