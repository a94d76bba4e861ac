"""`backfills.plan`, `backfills.run` and `backfills.status`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ...core.clock import Deadline, to_iso
from ...core.errors import BackendError, ToolFailed, ToolRetry
from ..features.backends.store import FeatureStore, View
from ..features.parity import compare
from ..features.store_tools import StorePlace, sample
from ..features.store_types import SampledArgs
from ..preview import Change, Preview
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..windows import to_us
from .book import BackfillBook, Standing
from .planning import Plan, pace_of, plan
from .types import PlanArgs, PlanResult, RunArgs, RunResult, StatusArgs, StatusResult, Verified, ViewPlan

_TIMEOUT_S = 3_600.0
_PLAN_TIMEOUT_S = 300.0
_VERIFY_S = 120.0
"""Kept of the time of a call for comparing both sides."""


@dataclass(frozen=True)
class BackfillPlace:
    """Where backfills run.

    Args:
        store: of which views.
        book: what was written; `None` where no store is configured.
        cost_per_hour: of what materializes.
        sleep: waits between chunks.
    """

    store: StorePlace
    book: Callable[[], BackfillBook] | None = None
    cost_per_hour: float | None = None
    sleep: Callable[[float], None] = time.sleep

    def kept(self) -> BackfillBook:
        """The book.

        Raises:
            ToolRetry: no store is configured.
        """
        if self.book is None:
            raise ToolRetry("no feature store is configured here", remedy="list one under `[feature_stores.NAME]`")
        return self.book()


def backfill_tools(place: BackfillPlace) -> tuple[AnyTool, ...]:
    """The tools of one store; policies know them everywhere, agents where one is configured."""
    return (_plan_tool(place), _run_tool(place), _status_tool(place))


def _plan_tool(place: BackfillPlace) -> AnyTool:
    environment = place.store.environment

    def planned(args: PlanArgs, context: ToolContext) -> Output[PlanResult]:
        found, views = _plan(place, args, context.deadline)
        scope = Scope(environment=environment, start=args.start, end=args.end)
        if not found.chunks:
            return Output("no_data", scope, note="nothing is missing in this interval")
        return Output("ok", scope, _said(place, args, found, views))

    return Tool(
        name="backfills.plan",
        effect="read",
        description="What feature views lack of an interval: gaps, chunks in order, rows, time and cost expected.",
        args=PlanArgs,
        result=PlanResult,
        run=planned,
        environment=environment,
        timeout_s=_PLAN_TIMEOUT_S,
        summary_tokens=1_500,
        resource=lambda args: args.views,
        is_offered=place.book is not None,
    )


def _run_tool(place: BackfillPlace) -> AnyTool:
    environment = place.store.environment

    def run(args: RunArgs, context: ToolContext) -> Output[RunResult]:
        return Output("ok", Scope(environment=environment), _run(place, args, context))

    def preview(args: RunArgs, context: ToolContext) -> Preview:
        return _preview(place, args, context.deadline)

    def reconcile(args: RunArgs, context: ToolContext) -> Output[RunResult] | None:
        book, scope = place.kept(), Scope(environment=environment)
        if not book.touched(environment, args.digest, context.idempotency_key):
            return Output("no_data", scope, note="no chunk was begun")
        # A chunk that was under way is written again by the next run, which changes nothing.
        (standing,) = book.standings(environment, args.digest)
        return Output("ok", scope, _shown(standing))

    return Tool(
        name="backfills.run",
        effect="write",
        description="Writes the chunks of a plan to the online store, each once, then compares both sides.",
        args=RunArgs,
        result=RunResult,
        run=run,
        environment=environment,
        timeout_s=_TIMEOUT_S,
        resource=lambda args: args.views,
        reconcile=reconcile,
        preview=preview,
        asked_by=("backfill", "rellenar", "preencher"),
        is_offered=place.book is not None,
    )


def _status_tool(place: BackfillPlace) -> AnyTool:
    environment = place.store.environment

    def status(args: StatusArgs, _context: ToolContext) -> Output[StatusResult]:
        scope = Scope(environment=environment)
        found = place.kept().standings(environment, limit=args.limit)
        if not found:
            return Output("no_data", scope, note="no backfill was begun here")
        return Output("ok", scope, StatusResult(backfills=tuple(map(_shown, found))))

    return Tool(
        name="backfills.status",
        effect="read",
        description="How backfills of feature views stand: chunks done, rows written, what the comparison said.",
        args=StatusArgs,
        result=StatusResult,
        run=status,
        environment=environment,
        is_offered=place.book is not None,
    )


def _plan(place: BackfillPlace, args: PlanArgs, deadline: Deadline) -> tuple[Plan, dict[str, View]]:
    store = place.store.store()
    views = {each.name: each for each in store.views(deadline)}

    def count(view: View, start: int, end: int, step: int) -> tuple[int, ...]:
        return store.days(view, start, end, step, deadline)

    try:
        found = plan(
            place.store.environment,
            views,
            args.views,
            (to_us(args.start), to_us(args.end)),
            args.chunk_s * 1_000_000,
            count,
            keeps_newest=store.keeps_newest,
        )
    except ValueError as error:
        raise ToolRetry(str(error), remedy="ask for other views, a shorter interval or longer chunks") from error
    return found, views


def _said(place: BackfillPlace, args: PlanArgs, found: Plan, views: dict[str, View]) -> PlanResult:
    pace = pace_of(place.kept().past(place.store.environment))
    seconds = found.seconds(pace, args.pause_s)
    hourly = place.cost_per_hour
    return PlanResult(
        digest=found.digest,
        views=tuple(_of_view(found, name) for name in found.order if any(each.view == name for each in found.chunks)),
        chunks=len(found.chunks),
        rows=found.rows,
        empty=tuple(f"{name}: {_time(start)} to {_time(end)}" for name, (start, end) in found.empty[:20]),
        seconds=None if seconds is None else (round(seconds[0], 1), round(seconds[1], 1), round(seconds[2], 1)),
        past_chunks=0 if pace is None else pace.chunks,
        cost=None if seconds is None or hourly is None else round(seconds[1] / 3600 * hourly, 4),
    )


def _of_view(found: Plan, name: str) -> ViewPlan:
    own = [each for each in found.chunks if each.view == name]
    starts = {each.start_us for each in own if each.why == "gap"}
    follow = {each.end_us for each in own if each.why == "gap"}
    return ViewPlan(
        view=name,
        gaps=len(starts - follow),
        chunks=len(own),
        again=sum(each.why == "again" for each in own),
        rows=sum(each.rows for each in own),
        first=_time(own[0].start_us),
        last=_time(own[-1].end_us),
    )


def _preview(place: BackfillPlace, args: RunArgs, deadline: Deadline) -> Preview:
    environment = place.store.environment
    there = place.kept().standings(environment, args.digest)
    where = f"the feature store of {environment}"
    what = f"write the chunks of backfill plan {args.digest[:12]} to the online store"
    if there:
        left = there[0].chunks - there[0].done
        return Preview(what, where, (Change("chunks left", left, 0),), ("it was begun before and goes on from there",))
    found, views = _plan(place, args, deadline)
    _same(found, args)
    said = _said(place, args, found, views)
    changes = tuple(
        Change(f"view {each.view}", f"{each.gaps} gaps from {each.first}", f"{each.chunks} chunks to {each.last}")
        for each in said.views
    )
    warnings = [f"no offline row: {each}" for each in said.empty]
    again = sum(each.again for each in said.views)
    if again:
        warnings.append(f"{again} chunks are written again: until they are, online serves older rows of some keys")
    if said.seconds is None:
        warnings.append("nobody knows how long it takes: fewer than three chunks were written before")
    else:
        warnings.append(f"about {said.seconds[1]:.0f} s ({said.seconds[0]:.0f} to {said.seconds[2]:.0f})")
    return Preview(what, where, changes, tuple(warnings))


def _same(found: Plan, args: RunArgs) -> None:
    if found.digest != args.digest:
        raise ToolRetry("what is missing has changed since the plan was made", remedy="plan again")


def _run(place: BackfillPlace, args: RunArgs, context: ToolContext) -> RunResult:
    book, store, environment = place.kept(), place.store.store(), place.store.environment
    if not book.standings(environment, args.digest):
        found, _ = _plan(place, args, context.deadline)
        _same(found, args)
        book.begin(environment, args.digest, found.chunks)
    first = True
    while context.deadline.left_s > _VERIFY_S:
        claimed = book.claim(environment, args.digest, context.idempotency_key, context.deadline.left_s + 60)
        if claimed is None:
            return _verified(place, args, context)
        if not first:
            place.sleep(min(args.pause_s, context.deadline.left_s))
        first = False
        view = _view(store, claimed.chunk.view, context.deadline)
        begin = context.clock.monotonic()
        try:
            rows = store.materialize(view, claimed.chunk.start_us, claimed.chunk.end_us, context.deadline)
        except BackendError as error:
            book.failed(environment, args.digest, claimed.number)
            raise ToolFailed(
                f"chunk {claimed.number} was not written: {error.message}", remedy="mend the store, then run it on"
            ) from error
        book.done(environment, args.digest, claimed.number, rows, context.clock.monotonic() - begin)
    (standing,) = book.standings(environment, args.digest)
    return _shown(standing)


def _verified(place: BackfillPlace, args: RunArgs, context: ToolContext) -> RunResult:
    """Compare both sides of every view that was written."""
    book, environment = place.kept(), place.store.environment
    now_us = to_us(context.clock.now())
    verified = []
    for name in book.views(environment, args.digest):
        asked = SampledArgs(view=name)
        drawn = sample(place.store, asked, None, now_us, context.deadline)
        at_us = drawn.view.intervals[-1][1] if drawn.view.intervals else now_us
        found = compare(drawn.view, drawn.history, drawn.online, at_us)
        share = found.differing / max(found.keys, 1)
        verified.append(
            Verified(view=name, looked_at=found.keys, differing=found.differing, agrees=share < asked.share)
        )
    book.end(environment, args.digest, "done" if all(each.agrees for each in verified) else "differs")
    (standing,) = book.standings(environment, args.digest)
    return _shown(standing, tuple(verified))


def _view(store: FeatureStore, name: str, deadline: Deadline) -> View:
    found = next((each for each in store.views(deadline) if each.name == name), None)
    if found is None:
        raise ToolFailed("a view of the plan is gone", remedy="plan again")
    return found


def _shown(standing: Standing, verified: tuple[Verified, ...] = ()) -> RunResult:
    return RunResult(
        digest=standing.digest,
        state=standing.state,
        done=standing.done,
        chunks=standing.chunks,
        written=standing.written,
        verified=verified,
    )


def _time(moment_us: int) -> str:
    return to_iso(datetime.fromtimestamp(moment_us / 1e6, UTC))
