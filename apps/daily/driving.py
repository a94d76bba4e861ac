"""A daily check from the configuration to the report, for the command line, schedules and pipelines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ...agents.platform.graph import run_daily
from ...agents.platform.parts import PlatformParts
from ...agents.platform.types import DailyReport
from ...core.clock import to_iso
from ...core.errors import OpswardenError
from ...policies.gate import RunGate
from ...policies.types import Audience, ModelTransport, Notice, Principal, Run, Sender
from ...tools.spec import AnyTool
from .. import installation as house
from ..platform.models import ROLE
from ..wiring import gate_factory
from .places import FILES, Place, Watched, watched


class _Nowhere:
    """Takes a report that nobody is shown; implements `Sender`."""

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        return "kept"


def daily(
    installation: house.Installation,
    sender: Sender,
    audience: Audience,
    *,
    by: str,
    trigger: str,
    at: datetime,
    run_id: str = "",
    is_told: Callable[[DailyReport], bool] = lambda _report: True,
) -> DailyReport:
    """Make every check, each a recorded call with a deadline; one that breaks stops no other.

    Args:
        installation: whose `platform` is looked after.
        sender: renders the report for the audience.
        audience: who is told.
        by: on whose behalf, `person:<name>` or `system:<trigger>`.
        trigger: what started it.
        at: the moment it is for.
        run_id: makes it the same run if it is done again; a new one if empty.
        is_told: whether a report is told at all.

    Raises:
        ConfigError: nothing is watched.
        BackendError: the report could not be delivered.
        CallDenied: it may not be told.
    """
    parts, gates = open_parts(
        installation,
        watched(installation, at),
        sender,
        audience,
        by=by,
        trigger=trigger,
        at=at,
        run_id=run_id or installation.ids.new("run"),
    )
    parts = replace(parts, is_told=is_told)
    try:
        report = run_daily(parts)
    except OpswardenError:
        end_all(gates, "failed")
        raise
    end_all(gates, "reported")
    return report


def open_parts(
    installation: house.Installation,
    found: Watched,
    sender: Sender,
    audience: Audience,
    *,
    by: str,
    trigger: str,
    at: datetime,
    run_id: str,
    request: str = "",
    transports: Sequence[ModelTransport] = (),
) -> tuple[PlatformParts, Mapping[str, RunGate]]:
    """A gate for each place, and the parts of a graph over them.

    Args:
        installation: whose `platform` is looked after.
        found: what is looked at.
        sender: renders what is told for the audience.
        audience: who is told.
        by: on whose behalf.
        trigger: what started it.
        at: the moment it is for.
        run_id: of the run; those of other places are named after it.
        request: what a person asks.
        transports: model endpoints, for the gate that tells.
    """
    names = sorted({part for each in found.checks for part in (each.subject, *each.subject.split("/"))})
    names = sorted({*names, *(str(one) for each in found.checks for one in each.args.get("pipelines") or ())})

    def opened(name: str, place: Place) -> RunGate:
        is_own = name == FILES
        run = Run(
            id=run_id if is_own else f"{run_id}-{name}",
            principal=Principal(ROLE, by, installation.settings.team),
            trigger=trigger,
            known_names=tuple(names),
            environment=place.environment,
            audience_team=installation.settings.team,
            request=request if is_own else "",
        )
        tools = tuple(_in_time(each, installation.settings.platform.check_s) for each in place.tools)
        own = transports if is_own else ()
        return gate_factory(installation, tools, senders={audience.kind: sender}, transports=own).open_run(run)

    gates, shut = {FILES: opened(FILES, found.places[FILES])}, dict[str, str]()
    for name, place in found.places.items():
        try:
            gates[name] = gates.get(name) or opened(name, place)
        except OpswardenError as error:
            # A place whose boundaries are wrong is shut for its own checks alone.
            shut[name] = error.message
    parts = PlatformParts(
        gate=gates[FILES],
        gates=gates,
        checks=tuple(
            each.model_copy(update={"problem": shut[each.place]}) if each.place in shut else each
            for each in found.checks
        ),
        not_covered=tuple(found.not_covered),
        at=to_iso(at),
        audience=audience,
        known_names=tuple(names),
    )
    return parts, gates


def check_platform() -> bool:
    """For pipelines (Airflow, CI): whether everything that is watched is well; recorded like any other run.

    Raises:
        BackendError: a check could not run. That is no pass.
        OpswardenError: nothing could be checked.
    """
    from ...core.errors import BackendError  # noqa: PLC0415 - beside the one place that needs it

    with house.open_installation() as installation:
        report = daily(
            installation,
            _Nowhere(),
            Audience("terminal", "stdout", installation.settings.team),
            by=f"person:{house.current_person()}",
            trigger="pipeline",
            at=installation.clock.now(),
        )
    if not report.faults and report.unknown:
        first = report.unknown[0]
        raise BackendError(f"{len(report.unknown)} checks could not run; {first.name}: {first.why}")
    return not report.faults


def _in_time(tool: AnyTool, most_s: float) -> AnyTool:
    return replace(tool, timeout_s=min(tool.timeout_s, most_s))


def end_all(gates: Mapping[str, RunGate], outcome: str) -> None:
    """End the runs of all places."""
    for gate in gates.values():
        gate.end(outcome)
