"""`pipelines.status`: how the newest run of each pipeline ended."""

from __future__ import annotations

from collections.abc import Sequence

from ..spec import Output, Scope, ToolContext
from ..summary import first_that_fit
from .backends.jobs import MOST_RUNS, JobRun, Pipeline
from .place import PipelinePlace
from .types import PipelineStanding, StatusArgs, StatusResult

_TOKENS = 1_000
_ORDER = ("failed", "running", "queued", "other", "success")


def status(place: PipelinePlace, args: StatusArgs, context: ToolContext) -> Output[StatusResult]:
    """Every pipeline, those that failed first."""
    system = place.system()
    now = (place.now or context.clock.now)()
    known = system.pipelines(context.deadline)
    runs = system.runs(None, MOST_RUNS, context.deadline)
    found = [each for each in (_standing(one, runs) for one in known) if each is not None]
    scope = Scope(environment=place.environment, end=now)
    if not known:
        return Output("no_data", scope, note="there is no pipeline")
    found.sort(key=lambda each: (_ORDER.index(each.state), -each.due.timestamp(), each.pipeline))
    result = StatusResult(
        pipelines=len(known),
        failed=sum(each.state == "failed" for each in found),
        running=sum(each.state in ("running", "queued") for each in found),
        never_ran=len(known) - len(found),
        shown=first_that_fit(found[: args.limit], _TOKENS) if found else (),
    )
    hidden = result.failed - sum(each.state == "failed" for each in result.shown)
    notes = [f"{hidden} more failed"] if hidden else []
    if len(runs) >= MOST_RUNS:
        notes.append(f"only the newest {MOST_RUNS} runs were looked at")
    return Output("truncated" if notes else "ok", scope, result, note="; ".join(notes))


def _standing(pipeline: Pipeline, runs: Sequence[JobRun]) -> PipelineStanding | None:
    mine = [each for each in runs if each.pipeline == pipeline.name]
    if not mine:
        return None
    ended = [each.state for each in mine if each.state in ("failed", "success")]
    in_a_row = next((place for place, state in enumerate(ended) if state == "success"), len(ended))
    last = mine[0]
    return PipelineStanding(
        pipeline=pipeline.name,
        run=last.id,
        state=last.state,
        due=last.due,
        began=last.began,
        ended=last.ended,
        is_paused=pipeline.is_paused,
        failed_in_a_row=in_a_row,
    )
