"""`recommendations.*`: reads that join analyses and measure what was applied, and the writes into our own book."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import pyarrow as pa

from ...core.clock import Deadline
from ...core.errors import ToolRetry
from ..preview import Change, Preview
from ..spec import OWN_RECORDS, AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit
from .amounts import total, total_saving
from .answers import (
    AnalyseArgs,
    AnalysisResult,
    BacktestResult,
    MoveArgs,
    MoveResult,
    PlanArgs,
    PlanResult,
    RealisedArgs,
    RealisedOne,
    RealisedResult,
    RecordArgs,
    Recorded,
)
from .backtests import KindBacktest
from .book import Book
from .considered import as_table, from_table
from .lifecycle import TO
from .plan import Kept, make_plan
from .plan_table import plan_as_table, plan_from_table
from .realised import WINDOWS_DAYS, Around, realise
from .summing import held_counts, plan_result, sums_of
from .thresholds import Thresholds
from .types import Considered, Recommendation

_PLAN_TOKENS = 40_000
_REALISED_TOKENS = 12_000
_BACKTEST_TOKENS = 16_000
_FOLLOWED = timedelta(days=60)
_MOST_FOLLOWED = 200


@dataclass(frozen=True)
class Whose:
    """What a plan is of.

    Args:
        environment: of the fleet.
        currency: ISO 4217.
        thresholds: what is worth it there.
    """

    environment: str
    currency: str
    thresholds: Thresholds = field(default_factory=Thresholds)


Costs = Callable[[Deadline], Mapping[str, float]]


class Histories(Protocol):
    """What a subject cost and did around a day."""

    def around(self, recommendation: Recommendation, applied_at: datetime, deadline: Deadline) -> Around | None:
        """The days before and after; `None` where nothing is known of the subject."""
        ...


def analysis_tool(
    name: str, description: str, whose: Whose, analyse: Callable[[ToolContext], Considered], *, timeout_s: float = 120.0
) -> AnyTool:
    """One analysis as a read tool; its artifact is the full answer.

    Args:
        name: `domain.verb`.
        description: what it looks for, for people and models.
        whose: of what.
        analyse: does it.
        timeout_s: how long it may take.
    """

    def run(_args: AnalyseArgs, context: ToolContext) -> Output[AnalysisResult]:
        considered, scope = analyse(context), Scope(environment=whose.environment)
        if not considered.recommendations and not considered.held:
            return Output("no_data", scope, note="there is nothing of this kind to look at")
        found = considered.recommendations
        summary = AnalysisResult(
            recommended=len(found),
            held=held_counts(considered.held),
            saving=total_saving(found, whose.currency) if found else None,
        )
        return Output("ok", scope, summary, artifact=as_table(considered))

    return Tool(
        name=name,
        effect="read",
        description=description,
        args=AnalyseArgs,
        result=AnalysisResult,
        run=run,
        environment=whose.environment,
        timeout_s=timeout_s,
        summary_tokens=800,
    )


def backtest_tool(whose: Whose, replay: Callable[[ToolContext], tuple[KindBacktest, ...]]) -> AnyTool:
    """`recommendations.backtest`: every kind replayed over the past of this fleet."""

    def run(_args: AnalyseArgs, context: ToolContext) -> Output[BacktestResult]:
        kinds, scope = replay(context), Scope(environment=whose.environment)
        if not kinds:
            return Output("no_data", scope, note="there is too little past to replay any kind")
        bodies = [each.model_dump_json() for each in kinds]
        shown = first_that_fit(kinds, _BACKTEST_TOKENS - 1_000)
        return Output("ok", scope, BacktestResult(kinds=shown), artifact=pa.table({"backtest": bodies}))

    return Tool(
        name="recommendations.backtest",
        effect="read",
        description="What each kind of recommendation would have saved and broken in the past weeks of this fleet.",
        args=AnalyseArgs,
        result=BacktestResult,
        run=run,
        environment=whose.environment,
        timeout_s=300.0,
        summary_tokens=_BACKTEST_TOKENS,
    )


def plan_tool(book: Book, whose: Whose, costs: Costs, same: Callable[[], Mapping[str, str]] = dict) -> AnyTool:
    """`recommendations.plan`: what is recommended this week.

    Args:
        book: what people have said before.
        whose: of what.
        costs: subject to effective cost per month, in the fleet's currency.
        same: a thing of the inventory to the workload that it runs as.
    """

    def run(args: PlanArgs, context: ToolContext) -> Output[PlanResult]:
        considered = [from_table(context.artifacts.read(each)) for each in args.analyses]
        backtests = _backtests(args.backtests, context)
        now, last = context.clock.now(), book.last_week(whose.environment, context.clock.now())
        plan = make_plan(
            considered,
            book.kept(whose.environment),
            backtests,
            whose.thresholds,
            costs(context.deadline),
            now,
            same(),
        )
        moved = book.moves_since(whose.environment, last.at) if last is not None else []
        summary = plan_result(
            plan,
            environment=whose.environment,
            currency=whose.currency,
            thresholds=whose.thresholds,
            backtests=backtests,
            last=last,
            moved=moved,
            now=now,
        )
        artifact = plan_as_table(plan, sums_of(plan, whose.currency))
        return Output("ok", Scope(environment=whose.environment), summary, artifact=artifact)

    return Tool(
        name="recommendations.plan",
        effect="read",
        description="Join what the analyses say with what people have said: what to do, what it saves, what is held.",
        args=PlanArgs,
        result=PlanResult,
        run=run,
        environment=whose.environment,
        timeout_s=60.0,
        summary_tokens=_PLAN_TOKENS,
    )


def realised_tool(book: Book, whose: Whose, histories: Histories | None) -> AnyTool:
    """`recommendations.realised`: what applied recommendations really save."""

    def run(_args: RealisedArgs, context: ToolContext) -> Output[RealisedResult]:
        now, scope = context.clock.now(), Scope(environment=whose.environment)
        applied = [
            each
            for each in book.kept(whose.environment)
            if each.standing.state in ("applied", "verified", "regressed")
            and each.standing.applied_at is not None
            and now - each.standing.applied_at <= _FOLLOWED
        ][:_MOST_FOLLOWED]
        items, not_measured = [], 0
        for each in applied:
            one = _measured(each, histories, context)
            if one is None:
                not_measured += 1
            else:
                items.append(one)
        if not items:
            return Output("no_data", scope, note="nothing applied is old enough to be measured")
        bodies = [each.model_dump_json() for each in items]
        return Output("ok", scope, _realised_sums(items, not_measured, whose), artifact=pa.table({"item": bodies}))

    return Tool(
        name="recommendations.realised",
        effect="read",
        description="What applied recommendations have really saved after 7, 14 and 30 days, and what they broke.",
        args=RealisedArgs,
        result=RealisedResult,
        run=run,
        environment=whose.environment,
        timeout_s=60.0,
        summary_tokens=_REALISED_TOKENS,
    )


def record_tool(book: Book, whose: Whose, team: str) -> AnyTool:
    """`recommendations.record`: a week's plan and measurements, written into our own book."""

    def run(args: RecordArgs, context: ToolContext) -> Output[Recorded]:
        plan, sums = plan_from_table(context.artifacts.read(args.plan))
        now, by = context.clock.now(), "system:finops"
        counts = dict(book.record(whose.environment, plan, team, by=by, at=now, run_id=context.run_id, sums=sums))
        for item in _items(args.realised, context):
            move = book.measured(whose.environment, item.id, item.measured, by=by, at=now, run_id=context.run_id)
            if move is not None:
                counts[move] = counts.get(move, 0) + 1
        return Output("ok", Scope(environment=OWN_RECORDS), Recorded.model_validate(counts))

    return Tool(
        name="recommendations.record",
        effect="write",
        description="Write this week's plan into our own book of recommendations.",
        args=RecordArgs,
        result=Recorded,
        run=run,
        environment=OWN_RECORDS,
        resource=lambda _args: "findings",
        timeout_s=60.0,
        # The book takes a run once, so doing it again does no harm.
        reconcile=run,
    )


def move_tool(book: Book, whose: Whose, by: str) -> AnyTool:
    """`recommendations.move`: what a person says of one.

    Args:
        book: where it is written.
        whose: of what.
        by: `person:<name>`, as the surface has established it.
    """

    def run(args: MoveArgs, context: ToolContext) -> Output[MoveResult]:
        before, after = book.move(
            whose.environment,
            args.id,
            args.move,
            by=by,
            at=context.clock.now(),
            reason=args.reason,
            until=args.until,
            run_id=context.run_id,
        )
        summary = MoveResult(id=args.id, move=args.move, before=before, after=after)
        return Output("ok", Scope(environment=OWN_RECORDS, filters={"of": whose.environment}), summary)

    def preview(args: MoveArgs, _context: ToolContext) -> Preview:
        standing = _found(book, whose, args.id).standing
        return Preview(
            what=f"{args.move} recommendation {args.id}",
            where=f"the book of recommendations of {whose.environment}",
            changes=(Change("state", standing.state, TO[args.move]),),
        )

    return Tool(
        name="recommendations.move",
        effect="write",
        description="Claim, snooze, dismiss or reopen a recommendation, or say that it was applied and how it went.",
        args=MoveArgs,
        result=MoveResult,
        run=run,
        environment=OWN_RECORDS,
        resource=lambda _args: "recommendations",
        asked_by=tuple(TO),
        preview=preview,
    )


def recommendations_tools(
    book: Book,
    whose: Whose,
    *,
    team: str,
    by: str,
    costs: Costs,
    histories: Histories | None = None,
    same: Callable[[], Mapping[str, str]] = dict,
) -> tuple[AnyTool, ...]:
    """The tools of this domain over one fleet, without its analyses."""
    return (
        plan_tool(book, whose, costs, same),
        realised_tool(book, whose, histories),
        record_tool(book, whose, team),
        move_tool(book, whose, by),
    )


def _found(book: Book, whose: Whose, name: str) -> Kept:
    kept = next((each for each in book.kept(whose.environment) if each.standing.id == name), None)
    if kept is None:
        raise ToolRetry("there is no recommendation of this id", remedy="list them for their ids")
    return kept


def _backtests(artifact: str | None, context: ToolContext) -> tuple[KindBacktest, ...]:
    if artifact is None:
        return ()
    table = context.artifacts.read(artifact)
    if table.schema.names != ["backtest"]:
        raise ToolRetry("this artifact is no backtest", remedy="name the artifact of `recommendations.backtest`")
    return tuple(KindBacktest.model_validate_json(each) for each in table["backtest"].to_pylist())


def _items(artifact: str | None, context: ToolContext) -> list[RealisedOne]:
    if artifact is None:
        return []
    return [RealisedOne.model_validate_json(each) for each in context.artifacts.read(artifact)["item"].to_pylist()]


def _measured(each: Kept, histories: Histories | None, context: ToolContext) -> RealisedOne | None:
    """The longest window that has passed; `None` before the first, or where nothing is known."""
    applied_at = each.standing.applied_at
    if applied_at is None or histories is None:
        return None
    passed = (context.clock.now() - applied_at).days
    days = max((window for window in WINDOWS_DAYS if window <= passed), default=0)
    around = histories.around(each.recommendation, applied_at, context.deadline) if days else None
    if around is None:
        return None
    saving = each.recommendation.saving
    both = saving.bill.expected + saving.freed.expected
    share = min(max(saving.bill.expected / both, 0.0), 1.0) if both > 0 else 1.0
    found = realise(around, days, saving.effective, share)
    is_broken = found.move == "regressed" or each.standing.state == "regressed"
    return RealisedOne(
        id=each.standing.id,
        kind=each.recommendation.kind,
        subject=each.recommendation.subject,
        team=each.recommendation.team,
        state=each.standing.state,
        measured=found,
        rollback="documents.propose" if is_broken and each.recommendation.reversal != "never" else None,
    )


def _realised_sums(items: list[RealisedOne], not_measured: int, whose: Whose) -> RealisedResult:
    known = [(each.measured, each.measured.realised) for each in items if each.measured.realised is not None]
    sums = [(one.projected, found, one.bill_share) for one, found in known]
    realised = total((found for _, found, _ in sums), whose.currency)
    bill = sum(found.expected * share for _, found, share in sums)
    part = bill / realised.expected if realised.expected else 1.0
    return RealisedResult(
        currency=whose.currency,
        projected=total((projected for projected, _, _ in sums), whose.currency),
        realised=realised,
        bill=realised.model_copy(update={"expected": bill, "low": realised.low * part, "high": realised.high * part}),
        freed=realised.model_copy(
            update={
                "expected": realised.expected - bill,
                "low": realised.low * (1 - part),
                "high": realised.high * (1 - part),
            }
        ),
        items=tuple(items[:40]),
        not_measured=not_measured + len(items) - len(known),
    )
