"""`metrics.onset`: when the incident began, by what many series say together."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, Field

from ..spec import AnyTool, Output, Result, Scope, Tool, ToolContext
from ..windows import ComparedWindows, from_us, to_us
from .backends.types import MetricsBackend
from .onset import REACH_US, Onset, common_onset
from .series import as_rates


class OnsetArgs(ComparedWindows):
    """The window whose start is not known to the minute, and a quiet time before it."""


class OnsetResult(Result):
    """When it began, and what to compare with what."""

    told: AwareDatetime = Field(description="the start that was given")
    began: AwareDatetime | None = Field(description="by the data; null where they do not tell, and `told` stays")
    series_moved: int = Field(description="how many left their usual level then")
    start: AwareDatetime = Field(description="of the window to explain")
    baseline_end: AwareDatetime = Field(description="of the quiet time to compare with")


def onset_tool(backend: MetricsBackend) -> AnyTool:
    """The tool over one backend."""

    def find(args: OnsetArgs, context: ToolContext) -> Output[OnsetResult]:
        found = as_rates(backend.series(args.baseline_start, args.end, context.deadline, entities=args.entities))
        scope = Scope(environment=backend.environment, start=args.start, end=args.end)
        if not len(found):
            return Output("no_data", scope, note="no series lies in the window or its baseline")
        onset = common_onset(found, to_us(args.start), to_us(args.end))
        start, baseline_end = _windows(args, onset)
        result = OnsetResult(
            told=args.start,
            began=start if onset.series else None,
            series_moved=onset.series,
            start=start,
            baseline_end=baseline_end,
        )
        return Output("ok", scope, result)

    return Tool(
        name="metrics.onset",
        effect="read",
        description="When an incident began within minutes of a given start, by what many series say together.",
        args=OnsetArgs,
        result=OnsetResult,
        run=find,
        environment=backend.environment,
        data_classes=frozenset({"operational"}),
        timeout_s=60,
    )


def _windows(args: OnsetArgs, onset: Onset) -> tuple[datetime, datetime]:
    """Start and end of the quiet time: it goes up to the beginning where it went up to about the given start."""
    if not onset.series:
        return args.start, args.baseline_end
    start, quiet_end = onset.at_us, to_us(args.baseline_end)
    quiet_end = start if to_us(args.start) - quiet_end <= REACH_US else min(quiet_end, start)
    if quiet_end <= to_us(args.baseline_start):
        return args.start, args.baseline_end
    return from_us(start), from_us(quiet_end)
