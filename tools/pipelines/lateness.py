"""`pipelines.late`: when pipelines are expected to be done, held against when they have to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..spec import Output, Scope, ToolContext
from ..summary import first_that_fit
from .backends.jobs import MOST_RUNS, JobRun, Pipeline
from .place import PipelinePlace
from .timing import Expected, chance_beyond, expected, is_stuck, next_due, usual_gap_s
from .types import TROUBLE, LateArgs, LateResult, PipelineRule, PipelineTiming, Timeliness

_PAST = 60
_TOKENS = 1_200
_GRACE_S, _GRACE_SHARE = 900.0, 0.1
"""How long a run may be overdue before it counts as not started: a quarter of an hour, or a tenth of the usual gap."""
_ORDER: tuple[Timeliness, ...] = (
    "late",
    "failed",
    "not_started",
    "stuck",
    "will_be_late",
    "at_risk",
    "on_time",
    "done",
    "paused",
)


def late(place: PipelinePlace, args: LateArgs, context: ToolContext) -> Output[LateResult]:
    """Every pipeline, or those that are named."""
    system, now = place.system(), (place.now or context.clock.now)()
    known = [each for each in system.pipelines(context.deadline) if not args.pipelines or each.name in args.pipelines]
    missing = sorted(set(args.pipelines) - {each.name for each in known})
    found = [
        timing_of(each, system.runs(each.name, _PAST, context.deadline), place.rule(each.name), now) for each in known
    ]
    scope = Scope(environment=place.environment, end=now)
    if not found:
        return Output("no_data", scope, note="there is no such pipeline")
    found.sort(key=lambda each: (_ORDER.index(each.state), -(each.late_s or 0.0), each.pipeline))
    shown = first_that_fit(found[: args.limit], _TOKENS)
    result = LateResult(
        pipelines=len(found),
        in_trouble=sum(each.state in TROUBLE for each in found),
        without_history=sum(each.past_runs == 0 for each in found),
        shown=shown,
    )
    notes = [f"{len(missing)} of the named pipelines do not exist"] if missing else []
    hidden = result.in_trouble - sum(each.state in TROUBLE for each in shown)
    notes += [f"{hidden} more are in trouble"] if hidden else []
    return Output("truncated" if notes else "ok", scope, result, note="; ".join(notes))


def timing_of(pipeline: Pipeline, runs: Sequence[JobRun], rule: PipelineRule, now: datetime) -> PipelineTiming:
    """How one pipeline stands at a moment.

    Args:
        pipeline: as its system knows it.
        runs: of it, the newest first; later ones than the moment are left out.
        rule: what people know of it.
        now: the moment.
    """
    seen = [each for each in runs if each.due <= now][:MOST_RUNS]
    regular = [each for each in seen if each.trigger in ("schedule", "data")]
    past = [_took_s(each) for each in reversed(regular) if each.state == "success" and _took_s(each) > 0]
    last = regular[0] if regular else seen[0] if seen else None
    # Whoever mends a failed run by hand has mended it.
    if last is not None and last.state == "failed":
        newer = next((each for each in seen if each.state == "success" and each.due >= last.due), None)
        last = newer or last
    dues = sorted(each.due for each in regular if each.trigger == "schedule")
    following = pipeline.next_start or (next_due(dues) if dues else None)
    board = _Board(pipeline, rule, past, now)
    if pipeline.is_paused:
        return board.told("paused", last)
    overdue = board.overdue(following, usual_gap_s(dues), last)
    if overdue is not None:
        return overdue
    return board.told("done", None) if last is None else board.of_run(last)


class _Board:
    """What is known of one pipeline at one moment."""

    def __init__(self, pipeline: Pipeline, rule: PipelineRule, past: Sequence[float], now: datetime) -> None:
        self._pipeline, self._rule, self._past, self._now = pipeline, rule, past, now

    def overdue(self, following: datetime | None, gap_s: float | None, last: JobRun | None) -> PipelineTiming | None:
        """The run that should have begun and did not; `None` if there is none."""
        if following is None or (last is not None and last.state in ("queued", "running")):
            return None
        if last is not None and following <= last.due:
            return None
        grace = max(_GRACE_S, _GRACE_SHARE * gap_s if gap_s else 0.0)
        waited = (self._now - following).total_seconds()
        if waited <= grace:
            return None
        return self._timing("not_started", None, following, waited, self._finish(following, 0.0))

    def of_run(self, run: JobRun) -> PipelineTiming:
        """The newest run: done, under way, or failed."""
        deadline = self._deadline(run.due)
        if run.state == "success":
            return self.told("done", run)
        over_s = (self._now - deadline).total_seconds() if deadline is not None else None
        if run.state in ("failed", "other"):
            return self._timing("failed" if run.state == "failed" else "done", run, run.due, over_s, None)
        # A run that waits in a queue takes its time from now on.
        began = run.began or self._now
        so_far = (self._now - began).total_seconds()
        finish = self._finish(began, so_far)
        state: Timeliness = "on_time"
        chance = self._chance(began, so_far, deadline)
        if over_s is not None and over_s > 0:
            state = "late"
        elif is_stuck(self._past, so_far):
            state = "stuck"
        elif deadline is not None and finish is not None and finish[0] > deadline:
            state = "will_be_late"
        elif chance is not None and chance > 0.5:
            state = "at_risk"
        return self._timing(state, run, run.due, over_s, finish, chance)

    def told(self, state: Timeliness, run: JobRun | None) -> PipelineTiming:
        """A state that needs no reckoning."""
        return self._timing(state, run, run.due if run else None, None, None)

    def _deadline(self, due: datetime | None) -> datetime | None:
        if due is None or self._rule.deadline_s is None:
            return None
        return due + timedelta(seconds=self._rule.deadline_s)

    def _finish(self, began: datetime, so_far: float) -> tuple[datetime, datetime, datetime, Expected] | None:
        took = expected(self._past, so_far)
        if took is None:
            return None
        # A run that has not begun cannot be done before it could begin now.
        start = began if so_far > 0 else max(began, self._now)
        low, middle, high = (start + timedelta(seconds=each) for each in (took.low, took.middle, took.high))
        return low, middle, high, took

    def _chance(self, began: datetime, so_far: float, deadline: datetime | None) -> float | None:
        if deadline is None:
            return None
        return chance_beyond(self._past, so_far, (deadline - began).total_seconds())

    def _timing(
        self,
        state: Timeliness,
        run: JobRun | None,
        due: datetime | None,
        late_s: float | None,
        finish: tuple[datetime, datetime, datetime, Expected] | None,
        chance: float | None = None,
    ) -> PipelineTiming:
        return PipelineTiming(
            pipeline=self._pipeline.name,
            run=run.id if run else None,
            state=state,
            due=due,
            deadline=self._deadline(due),
            expected_low=finish[0] if finish else None,
            expected=finish[1] if finish else None,
            expected_high=finish[2] if finish else None,
            confidence=round(finish[3].confidence, 3) if finish else None,
            past_runs=len(self._past),
            late_chance=round(chance, 3) if chance is not None else None,
            late_s=round(late_s, 1) if late_s is not None and late_s > 0 else None,
        )


def _took_s(run: JobRun) -> float:
    return (run.ended - run.began).total_seconds() if run.began and run.ended else 0.0
