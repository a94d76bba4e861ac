"""The part of the suite `fraud` about what comes back weeks later: worse weeks named, and months that close over.

Beside it, two usual charts: what came back of a week over its payments against all weeks before, and this month's count
carried on by the days that are left.
"""

from __future__ import annotations

import calendar

from ...core.clock import Deadline, FixedClock
from ...tools.outcomes.backends.returns import HeldReturns
from ...tools.outcomes.cohort_types import ChargebacksArgs, ChargebacksResult, ProgrammesArgs, ProgrammesResult
from ...tools.outcomes.return_tools import return_tools
from ...tools.spec import ToolContext
from ..suite import CaseScore
from .chargeback_worlds import ChargebackWorld, chargeback_world
from .memory_tables import MemoryTables

_RAISED = 1.25
_LIKELY = 0.5


def chargeback_case(name: str, seed: int, kind: str) -> CaseScore:
    """Ask of one world what a person would ask."""
    world = chargeback_world(seed, kind)
    tables = MemoryTables({"outcomes": world.outcomes})
    try:
        cohorts, breach = _asked(tables, world)
    finally:
        tables.close()
    called = {each.week for each in cohorts.cohorts if each.is_worse}
    parts = {(each.week, each.condition.name, each.condition.value) for each in cohorts.worse}
    truth = {each.week: world.ultimate[each.week] for each in cohorts.cohorts}
    within = [each.ultimate_low <= truth[each.week] <= each.ultimate_high for each in cohorts.cohorts]
    month = next(each for each in breach.forecasts if each.month == world.until.date().replace(day=1))
    low, high, chance = month.counted_low or 0.0, month.counted_high or 0.0, month.probability or 0.0
    carried = world.counted_so_far / max(_passed(world), 1e-9) >= month.limit_count
    figures = {
        "ultimate": sum(within) / len(within),
        "month": float(low <= world.counted <= high),
        "brier": (chance - world.is_over) ** 2,
    }
    beside = {"brier": (float(carried) - world.is_over) ** 2}
    verdict = "breach" if world.is_over else "breach_false"
    figures[verdict], beside[verdict] = float(chance >= _LIKELY), float(carried)
    raised = _by_chart(cohorts)
    if kind == "worse_week":
        figures["week"], beside["week"] = float(called == {world.week}), float(raised == {world.week})
    elif kind and world.part is not None:
        figures["part"] = float({each for each in parts if each[1] == "country"} == {(world.week, *world.part)})
    else:
        figures["week_false"], beside["week_false"] = float(bool(called or parts)), float(bool(raised))
    return CaseScore(
        id=name,
        set_name="invented months",
        group=kind or "quiet months",
        metrics=figures,
        baseline={"largest_growth": beside},
        details={"worse": sorted(map(str, called)), "parts": sorted(map(str, parts)), "chance": chance},
    )


def _asked(tables: MemoryTables, world: ChargebackWorld) -> tuple[ChargebacksResult, ProgrammesResult]:
    tools = {each.name: each for each in return_tools(HeldReturns(tables, "production"), (world.programme,))}
    clock = FixedClock(world.until)
    context = ToolContext("run", "team", clock, Deadline(clock, 60), artifacts=None)  # type: ignore[arg-type]  # neither reads one
    cohorts = tools["outcomes.chargebacks"].run(ChargebacksArgs(until=world.until), context).summary
    breach = tools["outcomes.programmes"].run(ProgrammesArgs(until=world.until), context).summary
    assert isinstance(cohorts, ChargebacksResult)  # noqa: S101 - narrows what a table of tools cannot say
    assert isinstance(breach, ProgrammesResult)  # noqa: S101 - as above
    return cohorts, breach


def _passed(world: ChargebackWorld) -> float:
    """Share of the month that has passed."""
    at = world.until
    return (at.day - 1) / calendar.monthrange(at.year, at.month)[1]


def _by_chart(cohorts: ChargebacksResult) -> set[object]:
    """Weeks that stand out in a chart of what came back so far over payments."""
    rates = {each.week: each.returned / max(each.payments, 1) for each in cohorts.cohorts}
    usual = sum(rates.values()) / max(len(rates), 1)
    return {week for week, rate in rates.items() if rate > _RAISED * usual}
