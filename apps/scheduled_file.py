"""A page that a schedule leaves among the reports, told through the gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..core.errors import BackendError, CallDenied
from ..policies.types import Audience, Notice, Principal, Run
from .installation import Installation
from .people.senders import write_whole
from .wiring import gate_factory

TRIGGER = "schedule"


def tell_in_file(
    installation: Installation, name: str, role: str, notice: Notice, page: Callable[[Any], str], call_id: str
) -> None:
    """Write `NAME.md` among the reports, in a run of that name.

    Args:
        installation: whose reports and gate these are.
        name: of the page and of the run.
        role: that it is told by.
        notice: what is told.
        page: makes the text of what the gate lets through.
        call_id: of the telling, so that it is done once.

    Raises:
        BackendError: it did not arrive.
        CallDenied: it may not be told there.
    """
    team = installation.settings.team
    run = Run(
        id=name,
        principal=Principal(role, f"system:{TRIGGER}", team),
        trigger=TRIGGER,
        audience_team=team,
        known_names=installation.catalogue.known_names() if installation.catalogue is not None else (),
    )
    sender = _ToFile(installation.state.reports / f"{name}.md", page)
    gate = gate_factory(installation, (), senders={"file": sender}).open_run(run)
    told = gate.tell(Audience("file", f"{name}.md", team), notice, call_id=call_id)
    gate.end("told")
    if told.status == "failed":
        raise BackendError(told.message)
    if told.status != "sent":
        raise CallDenied(f"it may not be told: {told.message}", code=told.code)


@dataclass
class _ToFile:
    """Writes the page; implements `Sender`."""

    path: Path
    page: Callable[[Any], str]
    repeats_safely: Literal[True] = True

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        write_whole(self.path, self.page(notice.body))
        return str(self.path)
