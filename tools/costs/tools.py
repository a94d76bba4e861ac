"""`costs.describe`, `costs.decompose`, `costs.unit` and `costs.llm`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TypeVar

from ..spec import AnyTool, Args, DataClass, Output, Result, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from .allocation import Assigned, allocate
from .artifacts import MOST_ROWS, move_table, owner_table
from .backends.types import BillReader, BillReading, CostsBackend
from .charged import Charges, Wanted, charges
from .commitments import CommitmentCover, commitment_cover
from .decompose import Decomposition, decompose
from .invoice import ties
from .llm_spend import Span, by_team_use_model, llm_opportunities
from .money import share, to_cents, total
from .periods import fixed_rates, period_of
from .shown import (
    group_moved,
    groups,
    invoice_shown,
    model_use_shown,
    month_of,
    mover,
    not_exchanged,
    parts_shown,
    rates_shown,
)
from .types import (
    CommitmentShown,
    DecomposeArgs,
    DecomposeResult,
    DescribeArgs,
    DescribeResult,
    LlmArgs,
    LlmResult,
    ProblemShown,
    ReplacedShown,
    UnitArgs,
    UnitResult,
    UnitShown,
)
from .unit_costs import unit_costs

_FINANCIAL: frozenset[DataClass] = frozenset(("financial", "operational"))
_MOST_PROBLEMS = 12
_MOST_INVOICES = 24
_GROUP_TOKENS = 1_200
_NO_BILL = "there is no bill; lay FOCUS files in the fleet's folder `bill`"
A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)


def costs_tools(backend: CostsBackend) -> tuple[AnyTool, ...]:
    """The cost tools over one backend."""

    def tool(
        name: str, what: str, args: type[A], result: type[R], run: Callable[[A, ToolContext], Output[R]]
    ) -> AnyTool:
        return Tool(
            name=name,
            effect="read",
            description=what,
            args=args,
            result=result,
            run=run,
            environment=backend.environment,
            timeout_s=180,
            summary_tokens=4_000,
            rows_estimate=MOST_ROWS,
            bytes_estimate=20_000_000,
            data_classes=_FINANCIAL,
        )

    return (
        tool(
            "costs.describe",
            "What things cost in some days by team, workload, model, country or service: effective, billed and list "
            "side by side, and how it ties to the invoices.",
            DescribeArgs,
            DescribeResult,
            lambda args, context: _describe(backend, args, context),
        ),
        tool(
            "costs.decompose",
            "Why a bill moved between two periods: volume, price, mix, waste, what is new, gone or one-off, and "
            "currency, exactly; by team, model or country, with the largest movers.",
            DecomposeArgs,
            DecomposeResult,
            lambda args, context: _decompose(backend, args, context),
        ),
        tool(
            "costs.unit",
            "What 1,000 scored payments and an approved payment cost, by model and country, with the weekly trend.",
            UnitArgs,
            UnitResult,
            lambda args, context: _unit(backend, args, context),
        ),
        tool(
            "costs.llm",
            "What language models cost by team, use and model, and what a cache or a cheaper model would save.",
            LlmArgs,
            LlmResult,
            lambda args, context: _llm(backend, args, context),
        ),
    )


def _scope(backend: CostsBackend, start: date, end: date, **filters: str) -> Scope:
    return Scope(
        environment=backend.environment,
        start=datetime.combine(start, time(), UTC),
        end=datetime.combine(end, time(), UTC),
        filters={name: value for name, value in filters.items() if value},
    )


def _describe(backend: CostsBackend, args: DescribeArgs, context: ToolContext) -> Output[DescribeResult]:
    scope = _scope(backend, args.start, args.end, by=args.by)
    bill = backend.bill()
    if bill is None:
        return Output("no_data", scope, note=_NO_BILL)
    wanted = Wanted(args.start, args.end, splits_countries=args.by == "country")
    found = charges(backend, bill, wanted, context.deadline)
    if not found.pairs and not found.missing:
        return Output("no_data", scope, note=f"the bill has charges from {bill.reading.first} to {bill.reading.last}")
    result = _described(backend, bill, args, found, context)
    cut = len(found.pairs) > MOST_ROWS
    note = f"the artifact holds the first {MOST_ROWS} lines" if cut else ""
    return Output("truncated" if cut else "ok", scope, result, artifact=owner_table(found), note=note)


def _described(
    backend: CostsBackend, bill: BillReader, args: DescribeArgs, found: Charges, context: ToolContext
) -> DescribeResult:
    currency, reading = backend.currency, bill.reading
    shown, rest = groups(found.ours, args.by, currency, args.limit)
    sums = [total(column) for column in zip(*_columns(found), strict=True)] or [Decimal(0)] * 3
    invoiced = bill.invoiced(month_of(args.start), args.end, context.deadline)
    given = {(one.issuer, one.period, one.currency): one.total for one in backend.rules.invoices}
    weights = backend.weights(args.start, args.end)
    owned = allocate(invoiced, backend.catalogue(), backend.rules.allocation, weights)
    cover = commitment_cover((one.line for one in found.ours), backend.rules.commitment_ends)
    own = backend.own_uses(args.start, args.end)
    return DescribeResult(
        currency=currency,
        days=(args.end - args.start).days,
        effective=float(to_cents(sums[0], currency)),
        billed=float(to_cents(sums[1], currency)),
        listed=float(to_cents(sums[2], currency)),
        by=args.by,
        groups=tuple(shown),
        rest=rest,
        invoices=tuple(invoice_shown(tie) for tie in ties(owned.assigned, given)[:_MOST_INVOICES]),
        commitments=_commitments(cover, currency),
        shared_rules=found.rules,
        own_usd=None if own is None else sum(use.cost_microusd for use in own) / 1e6,
        rates=rates_shown(found.rates),
        not_exchanged=not_exchanged(found.missing),
        rows=reading.rows,
        versions=reading.versions,
        problems=_problems(reading),
        replaced=_replaced(reading),
        duplicate_rows=sum(one.rows for one in reading.duplicates),
        duplicate_billed={one.currency: float(to_cents(one.billed, one.currency)) for one in reading.duplicates},
    )


def _columns(found: Charges) -> list[tuple[Decimal, Decimal, Decimal]]:
    return [(one.line.effective, one.line.billed, one.line.listed or Decimal(0)) for one in found.ours]


def _commitments(cover: CommitmentCover, currency: str) -> CommitmentShown:
    return CommitmentShown(
        number=len(cover.uses),
        coverage=cover.coverage,
        utilisation=cover.utilisation,
        unused=float(to_cents(cover.unused, currency)),
        net_saving=float(to_cents(cover.net_saving, currency)),
        reservations_unused=float(to_cents(cover.reservations_unused, currency)),
    )


def _problems(reading: BillReading) -> tuple[ProblemShown, ...]:
    ordered = sorted(reading.problems, key=lambda one: (not one.is_set_aside, -one.rows))
    return tuple(
        ProblemShown(
            file=one_line(one.file),
            what=one.what,
            rows=one.rows,
            first_row=one.first_row,
            is_set_aside=one.is_set_aside,
        )
        for one in ordered[:_MOST_PROBLEMS]
    )


def _replaced(reading: BillReading) -> tuple[ReplacedShown, ...]:
    return tuple(
        ReplacedShown(
            file=one_line(one.file),
            period=one.period,
            rows=one.rows,
            billed=float(to_cents(one.billed, one.currency)),
            currency=one.currency,
        )
        for one in reading.replaced[:_MOST_PROBLEMS]
    )


def _decompose(backend: CostsBackend, args: DecomposeArgs, context: ToolContext) -> Output[DecomposeResult]:
    scope = _scope(
        backend,
        args.before_start,
        args.end,
        team=args.team,
        model=args.model,
        country=args.country,
        containing=args.containing,
        basis=args.basis,
    )
    bill = backend.bill()
    if bill is None:
        return Output("no_data", scope, note=_NO_BILL)
    splits = args.by == "country" or bool(args.country)
    spans = ((args.before_start, args.before_end), (args.start, args.end))
    before, after = (
        charges(backend, bill, Wanted(*span, splits_countries=splits, only=_filter(args)), context.deadline)
        for span in spans
    )
    if not (before.pairs or after.pairs or before.missing or after.missing):
        reading = bill.reading
        return Output("no_data", scope, note=f"no such charge; the bill is of {reading.first} to {reading.last}")
    rates = fixed_rates(before.pairs, after.pairs)
    idle = [backend.idle(*span) for span in spans]
    # A workload whose usage only one of the periods has would seem to have become idle, or busy, by that alone.
    both = idle[0].keys() & idle[1].keys()
    periods = [
        period_of(each.pairs, rates, basis=args.basis, idle={name: own[name] for name in both})
        for each, own in zip((before, after), idle, strict=True)
    ]
    found = decompose(periods[0], periods[1])
    missing = (*before.missing, *after.missing)
    result = _moved(backend.currency, args, found, is_idle_known=bool(both)).model_copy(
        update={
            "not_exchanged": not_exchanged(missing),
            "bill_first": bill.reading.first,
            "bill_last": bill.reading.last,
        }
    )
    return Output("ok", scope, result, artifact=move_table(found))


def _filter(args: DecomposeArgs) -> Callable[[Assigned], bool]:
    wanted = args.containing.lower()

    def fits(one: Assigned) -> bool:
        owner, line = one.owner, one.line
        if any(asked and asked != had for asked, had in _asked(args, one)):
            return False
        texts = (line.service, line.sku, line.size, line.description, line.resource_type, owner.workload)
        return not wanted or any(wanted in text.lower() for text in texts)

    return fits


def _asked(args: DecomposeArgs, one: Assigned) -> tuple[tuple[str, str], ...]:
    owner = one.owner
    return (args.team, owner.team), (args.model, owner.model), (args.country, owner.country)


def _moved(currency: str, args: DecomposeArgs, found: Decomposition, *, is_idle_known: bool) -> DecomposeResult:
    named = [group_moved(name, move, currency) for name, move in found.by(args.by).items()]
    movers = [mover(move, currency) for move in found.moves[: args.limit] if move.difference]
    return DecomposeResult(
        currency=currency,
        basis=args.basis,
        before_days=(args.before_end - args.before_start).days,
        days=(args.end - args.start).days,
        before=float(to_cents(found.before, currency)),
        after=float(to_cents(found.after, currency)),
        difference=float(to_cents(found.difference, currency)),
        change=share(found.difference, found.before),
        parts=parts_shown(found.parts, currency),
        by=args.by,
        groups=first_that_fit(named[: args.limit], _GROUP_TOKENS),
        movers=first_that_fit(movers, _GROUP_TOKENS),
        bill_first=None,
        bill_last=None,
        is_idle_known=is_idle_known,
        not_exchanged=(),
    )


def _unit(backend: CostsBackend, args: UnitArgs, context: ToolContext) -> Output[UnitResult]:
    scope = _scope(backend, args.start, args.end, by=", ".join(args.by), basis=args.basis)
    bill, counts = backend.bill(), backend.counts(args.start, args.end)
    if bill is None:
        return Output("no_data", scope, note=_NO_BILL)
    if not counts:
        return Output("no_data", scope, note="the fleet has no table `business`, or no count in these days")
    wanted = Wanted(args.start, args.end, by_day=True, splits_countries="country" in args.by)
    found = charges(backend, bill, wanted, context.deadline)
    days: dict[date, list[Assigned]] = {}
    for one in found.ours:
        days.setdefault(one.line.day or one.line.period, []).append(one)
    units = unit_costs(days, counts, args.by, args.basis)
    shown = [
        UnitShown(
            measure=one_line(one.measure),
            per=one.per,
            model=one_line(one.model),
            country=one_line(one.country),
            unit_cost=None if one.unit is None else float(one.unit),
            cost=float(to_cents(one.cost, backend.currency)),
            count=one.count,
            weekly_trend=one.trend,
            weeks=len(one.weeks),
        )
        for one in units
    ]
    fitting = first_that_fit(shown, _GROUP_TOKENS * 2)
    result = UnitResult(
        currency=backend.currency, basis=args.basis, units=fitting, not_exchanged=not_exchanged(found.missing)
    )
    left = len(shown) - len(fitting)
    note = f"{left} of less cost are left out" if left else ""
    return Output("truncated" if left else "ok", scope, result, note=note)


def _llm(backend: CostsBackend, args: LlmArgs, context: ToolContext) -> Output[LlmResult]:
    del context
    scope = _scope(backend, args.start, args.end)
    uses = by_team_use_model(backend.model_uses(args.start, args.end))
    if not uses:
        return Output("no_data", scope, note="no request to a language model is recorded in these days")
    assert scope.start is not None  # noqa: S101 - `_scope` sets both
    assert scope.end is not None  # noqa: S101 - the same
    cheaper = {one.instead: (one.model, one.price_share) for one in backend.rules.cheaper_models}
    considered = llm_opportunities(uses, Span(backend.environment, scope.start, scope.end), cheaper)
    fitting = first_that_fit(considered.recommendations, _GROUP_TOKENS * 2)
    result = LlmResult(
        usd=sum(use.cost_microusd for use in uses) / 1e6,
        requests=sum(use.requests for use in uses),
        uses=tuple(model_use_shown(use) for use in uses[: args.limit]),
        considered=considered.model_copy(
            update={"recommendations": fitting, "held": first_that_fit(considered.held, _GROUP_TOKENS)}
        ),
    )
    is_cut = len(fitting) < len(considered.recommendations) or len(uses) > args.limit
    note = "the smaller ones are left out; ask for a larger limit" if is_cut else ""
    return Output("truncated" if is_cut else "ok", scope, result, note=note)
