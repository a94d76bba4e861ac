"""A daily check from the configuration to the report, for the command line, schedules and pipelines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from ...agents.platform.graph import run_daily
from ...agents.platform.parts import PlatformParts
from ...agents.platform.types import DailyReport
from ...core.clock import to_iso
from ...core.errors import OpswardenError
from ...policies.gate import RunGate
from ...policies.types import Audience, Notice, Principal, Run, Sender
from ...tools.spec import AnyTool
from .. import installation as house
from ..platform import ROLE
from ..wiring import gate_factory
from .places import FILES, Place, watched


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
    found = watched(installation, at)
    own = run_id or installation.ids.new("run")
    names = sorted({part for each in found.checks for part in (each.subject, *each.subject.split("/"))})

    def opened(name: str, place: Place) -> RunGate:
        run = Run(
            id=own if name == FILES else f"{own}-{name}",
            principal=Principal(ROLE, by, installation.settings.team),
            trigger=trigger,
            known_names=tuple(names),
            environment=place.environment,
            audience_team=installation.settings.team,
        )
        tools = tuple(_in_time(each, installation.settings.platform.check_s) for each in place.tools)
        return gate_factory(installation, tools, senders={audience.kind: sender}).open_run(run)

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
        is_told=is_told,
    )
    try:
        report = run_daily(parts)
    except OpswardenError:
        _end(gates.values(), "failed")
        raise
    _end(gates.values(), "reported")
    return report


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


def _end(gates: Iterable[RunGate], outcome: str) -> None:
    for gate in gates:
        gate.end(outcome)
