"""One recorded call of one tool, for a person's command or a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.canonical import JsonValue
from ..core.errors import BackendError, CallDenied
from ..policies.types import Principal, Run
from ..tools.spec import AnyTool
from .installation import Installation
from .wiring import gate_factory


def called_once(
    installation: Installation,
    tools: Sequence[AnyTool],
    name: str,
    args: Mapping[str, JsonValue],
    *,
    by: str,
    environment: str,
    role: str = "platform",
    trigger: str = "cli",
    wall_s: int | None = None,
) -> Mapping[str, Any] | None:
    """The summary of a call that is decided, redacted and recorded like any other, in a run of its own.

    Args:
        installation: whose gate.
        tools: that the run may see.
        name: of the tool.
        args: of the call.
        by: who asks, `person:<name>` or `system:<name>`.
        environment: in which the tools act.
        role: as which agent.
        trigger: what brought it about.
        wall_s: how long the run may be at work, where that is longer than usual.

    Returns:
        `None` where there is no data.

    Raises:
        BackendError: what the tool reads failed, cannot be used, or was not there in time.
        CallDenied: policies do not let it be read.
    """
    team = installation.settings.team
    run = Run(
        id=installation.ids.new("run"),
        principal=Principal(role, by, team),
        trigger=trigger,
        environment=environment,
        audience_team=team,
        known_names=installation.catalogue.known_names() if installation.catalogue is not None else (),
    )
    usual = installation.settings.gate.limits
    limits = None if wall_s is None else usual.model_copy(update={"wall_s": max(usual.wall_s, wall_s)})
    gate = gate_factory(installation, tools, limits=limits).open_run(run)
    found = gate.call(name, args, call_id="asked")
    gate.end("answered")
    if found.status == "denied":
        raise CallDenied(found.message, code=found.code)
    if found.status == "error":
        raise BackendError(found.message)
    if found.status == "no_data" or not isinstance(found.summary, Mapping):
        return None
    return found.summary
