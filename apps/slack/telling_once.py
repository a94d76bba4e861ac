"""Something that belongs to no run of its own, told through the gate all the same."""

from __future__ import annotations

from ...core.errors import BackendError, CallDenied
from ...policies.types import Audience, Notice, Principal, Run, Sender
from ..boundaries import usual_environment
from ..catalogue import declared_tools
from ..installation import Installation
from ..wiring import gate_factory
from .receiving import SOURCE


def tell_once(installation: Installation, by: str, sender: Sender, audience: Audience, notice: Notice) -> None:
    """Tell something through the gate, in a run of its own.

    Raises:
        BackendError: it did not arrive.
        CallDenied: it may not be told there.
    """
    tools = declared_tools(installation, usual_environment(installation.settings.gate))
    run = Run(
        id=installation.ids.new("run"),
        principal=Principal("triage", by, audience.team),
        trigger=SOURCE,
        audience_team=audience.team,
    )
    gate = gate_factory(installation, tools, senders={audience.kind: sender}).open_run(run)
    told = gate.tell(audience, notice, call_id="tell.evidence")
    gate.end("told")
    if told.status == "failed":
        raise BackendError(told.message)
    if told.status != "sent":
        raise CallDenied(f"it may not be told: {told.message}", code=told.code)
