"""Whether an incident is over, as the alerting systems see it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from ...core.clock import to_iso
from ...core.errors import OpswardenError
from ...policies.types import Principal, Run
from ...tools.alerts.tools import alerts_tools
from ..installation import Installation
from ..live.systems import live_backends, surroundings_of
from ..wiring import gate_factory
from .incident_records import Incident, KnownAlert

_LOOKED_BACK = timedelta(minutes=1)
_MOST_GROUPS = 50
_MOST_ENTITIES = 50


@dataclass(frozen=True)
class Confirmation:
    """What the alerting systems say.

    Args:
        answer: `over`, `fires` if an alert of the incident does, or `unknown` if nobody could say.
        line: why, in one line of ours.
    """

    answer: Literal["over", "fires", "unknown"]
    line: str


def confirm(installation: Installation, incident: Incident, alerts: Sequence[KnownAlert], by: str) -> Confirmation:
    """Ask the alerting systems of its environment whether alerts of an incident still fire.

    The call is decided and recorded like any other, in a run of its own.

    Args:
        installation: whose systems are asked.
        incident: that is to be over.
        alerts: of it.
        by: who wants to know, `person:<name>` or `system:<name>`.
    """
    if not alerts:
        return Confirmation("unknown", "no alert belongs to it, so no system knows whether it is over")
    try:
        # An answer that another run was given a moment ago says nothing about now.
        asking = replace(surroundings_of(installation), answers=None)
        live = live_backends(installation.settings.systems, incident.environment, asking)
        if "alerts" not in live:
            return Confirmation("unknown", "no configured system holds the alerts of its environment")
        run = Run(
            id=installation.ids.new("run"),
            principal=Principal("triage", by, incident.team),
            trigger="service",
            environment=incident.environment,
            audience_team=incident.team,
        )
        gate = gate_factory(installation, alerts_tools(live["alerts"])).open_run(run)
        now = installation.clock.now()
        entities = sorted({each.entity for each in alerts})
        args: dict[str, Any] = {
            "start": to_iso(now - _LOOKED_BACK),
            "end": to_iso(now),
            "limit": _MOST_GROUPS,
        }
        if "" not in entities and len(entities) <= _MOST_ENTITIES:
            args["entities"] = entities
        found = gate.call("alerts.active", args, call_id="confirm")
        gate.end("answered")
    except OpswardenError as error:
        return Confirmation("unknown", error.message)
    if found.status == "no_data":
        return Confirmation("over", "no alert of its entities fires")
    if found.status not in ("ok", "truncated") or not isinstance(found.summary, Mapping):
        return Confirmation("unknown", "the alerting systems did not answer")
    firing = _firing(found.summary, {each.name for each in alerts})
    if firing:
        return Confirmation("fires", f"{firing} of its alerts still fire")
    if found.status == "truncated":
        return Confirmation("unknown", "more fires than was read")
    return Confirmation("over", "none of its alerts fires")


def _firing(summary: Mapping[str, Any], names: set[str]) -> int:
    """How many alerts of these names fire; names in a summary are cut at its width."""
    found = 0
    for group in summary.get("groups", ()):
        shown = str(group.get("name", "")).removesuffix("…")
        if shown and any(name == shown or (len(shown) >= 30 and name.startswith(shown)) for name in names):
            found += int(group.get("still_firing", 0))
    return found
