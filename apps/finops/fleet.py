"""One fleet, open: its analyses, each computed once however many tools ask, and the names that pass redaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ...agents.finops.parts import Spans
from ...agents.finops.types import FleetFacts
from ...core.clock import Deadline
from ...tools.costs.backends.fleet import FleetCosts
from ...tools.costs.charged import saving_book
from ...tools.costs.llm_spend import ModelUseReader
from ...tools.costs.savings import SavingBook
from ...tools.fleets.replay import Replay
from ...tools.fleets.store import FleetStore
from ...tools.recommendations.backtests import KindBacktest
from ...tools.recommendations.paid import at_what_is_paid, in_currency
from ...tools.recommendations.types import Considered, Recommendation
from ...tools.spec import AnyTool, ToolContext

if TYPE_CHECKING:
    from ...tools.recommendations.realised import Around
    from ...tools.recommendations.tools import Whose

_NAMES_LIMIT = 20_000
_MEASURED_DAYS = 120
_SAVINGS, _DAILY = "savings", "daily"
_SIZED = frozenset({"rightsize", "replicas", "schedule", "decommission", "spot"})
Found = tuple[Considered, tuple[KindBacktest, ...]]


@dataclass(frozen=True)
class Analysis:
    """One thing that is looked for in a fleet.

    Args:
        tool: the name of its tool.
        description: for people and models.
        look: finds it, and replays its kind over the past.
    """

    tool: str
    description: str
    look: Callable[[FleetStore, Deadline], Found]


def _gpus(store: FleetStore, deadline: Deadline) -> Found:
    from ...tools.fleets.view import read_view  # noqa: PLC0415 - numpy and its kin, only where a fleet is looked at
    from ...tools.rightsizing.gpu import has_gpu, recommend_gpus  # noqa: PLC0415 - the same

    return _with_replay(recommend_gpus(read_view(store, _ALL_USAGE, has_gpu, deadline)))


def _replicas(store: FleetStore, deadline: Deadline) -> Found:
    from ...tools.fleets.view import read_view  # noqa: PLC0415 - as above
    from ...tools.rightsizing.replicas import has_replicas, recommend_replicas  # noqa: PLC0415 - as above

    return _with_replay(recommend_replicas(read_view(store, _ALL_USAGE, has_replicas, deadline)))


def _sizes(store: FleetStore, deadline: Deadline) -> Found:
    from ...tools.rightsizing.sizes import recommend_sizes  # noqa: PLC0415 - as above

    return recommend_sizes(store, deadline)


def _language_models(store: FleetStore, deadline: Deadline) -> Found:
    from ...tools.costs.backends.fleet import FleetCosts  # noqa: PLC0415 - as above
    from ...tools.costs.llm_spend import Span, by_team_use_model, llm_opportunities  # noqa: PLC0415 - as above

    del deadline  # a small table
    start, end = store.manifest.start, store.manifest.end
    with closing(FleetCosts(store)) as costs:
        uses = by_team_use_model(costs.model_uses(start.date(), end.date()))
        cheaper = {one.instead: (one.model, one.price_share) for one in costs.rules.cheaper_models}
    return llm_opportunities(uses, Span(store.environment, start, end), cheaper), ()


def _commitments(store: FleetStore, deadline: Deadline) -> Found:
    from ...tools.costs.advice import commitment_advice, whole_days  # noqa: PLC0415 - as above
    from ...tools.costs.backends.fleet import FleetCosts  # noqa: PLC0415 - as above

    with closing(FleetCosts(store)) as costs:
        if not costs.rules.offers:
            return Considered(recommendations=(), held=()), ()
        return commitment_advice(costs, *whole_days(store.manifest.start, store.manifest.end), deadline), ()


def _spot(store: FleetStore, deadline: Deadline) -> Found:
    from ...tools.costs.advice import spot_advice, whole_days  # noqa: PLC0415 - as above
    from ...tools.costs.backends.fleet import FleetCosts  # noqa: PLC0415 - as above
    from ...tools.costs.savings import SavingBook  # noqa: PLC0415 - as above

    del deadline  # small tables
    start, end = store.manifest.start, store.manifest.end
    last = whole_days(start, end)[1] - timedelta(days=1)
    with closing(FleetCosts(store)) as costs:
        # At list price: what is really paid is put in its place for every kind alike.
        book = SavingBook({}, costs.prices(), costs.rates(), costs.currency, last)
        return spot_advice(costs.spot_candidates(), book, store.environment, (start, end)), ()


def _schedules(store: FleetStore, deadline: Deadline) -> Found:
    from ...tools.fleets.view import read_view  # noqa: PLC0415 - as above
    from ...tools.schedules.recommend import may_sleep, recommend_schedules  # noqa: PLC0415 - as above

    return _with_replay(recommend_schedules(read_view(store, _ALL_USAGE, may_sleep, deadline)))


def _decommissions(store: FleetStore, deadline: Deadline) -> Found:
    from ...tools.decommission.items import items_of  # noqa: PLC0415 - as above
    from ...tools.decommission.recommend import recommend_decommissions  # noqa: PLC0415 - as above
    from ...tools.fleets.view import read_view  # noqa: PLC0415 - as above

    view = read_view(store, _ALL_USAGE, lambda _subject: True, deadline)
    items = items_of(store.rows("inventory", deadline=deadline), store.manifest.end)
    return _with_replay(recommend_decommissions(view, items))


_ALL_USAGE = ("cpu", "memory", "gpu", "gpu_sm", "gpu_memory", "requests", "network", "latency_p99")

ANALYSES: tuple[Analysis, ...] = (
    Analysis("schedules.recommend", "Hours of the week in which nobody needs a workload.", _schedules),
    Analysis(
        "decommission.recommend",
        "Endpoints, notebooks, volumes, snapshots and the like that nobody has used, with who would miss them.",
        _decommissions,
    ),
    Analysis("rightsizing.gpus", "Smaller cards, fewer, or a slice of one, that the peaks of all weeks fit.", _gpus),
    Analysis("rightsizing.recommend", "Smaller requests of CPU and memory, at a risk that is stated and held.", _sizes),
    Analysis("rightsizing.replicas", "Fewer replicas, or a lower floor, that the peaks of all weeks need.", _replicas),
    Analysis(
        "commitments.recommend",
        "Commitments that would have been in use in every hour, of the offers named.",
        _commitments,
    ),
    Analysis("spot.recommend", "Workloads that could live on capacity that may be taken away.", _spot),
    Analysis(
        "llm.recommend", "Repeated requests to language models, and cheaper models that were named.", _language_models
    ),
)
"""Everything that is looked for, in the order of the report."""


class OpenFleet:
    """A fleet folder, open for one run. Safe to use from several threads.

    Args:
        folder: of the fleet.
        own: this toolkit's own records of requests to models.

    Raises:
        InputError: it is no fleet.
    """

    def __init__(self, folder: Path, own: ModelUseReader | None = None) -> None:
        self.store = FleetStore(folder)
        self.bill = FleetCosts(self.store, own)
        self._found: dict[str, Found] = {}
        self._book: SavingBook | None = None
        self._daily: tuple[date, SavingBook] | None = None
        names = (*(analysis.tool for analysis in ANALYSES), _SAVINGS, _DAILY)
        self._locks = {name: threading.Lock() for name in names}

    @property
    def facts(self) -> FleetFacts:
        """What the report says of it."""
        manifest = self.store.manifest
        return FleetFacts(
            title=manifest.title,
            environment=manifest.environment,
            currency=manifest.currency,
            start=manifest.start.date().isoformat(),
            end=manifest.end.date().isoformat(),
            source=manifest.source,
            synthetic="synthetic" in f"{manifest.title} {manifest.source}".casefold(),
        )

    @property
    def now(self) -> datetime:
        """The end of its history: what is recommended is recommended then."""
        return self.store.manifest.end

    def found(self, analysis: Analysis, deadline: Deadline) -> Found:
        """What an analysis says; computed by whoever asks first."""
        with self._locks[analysis.tool]:
            if analysis.tool not in self._found:
                considered, backtests = analysis.look(self.store, deadline)
                self._found[analysis.tool] = (self._paid(considered, deadline), backtests)
            return self._found[analysis.tool]

    def backtests(self, deadline: Deadline) -> tuple[KindBacktest, ...]:
        """What every kind would have come to in the past of this fleet."""
        return tuple(each for analysis in ANALYSES for each in self.found(analysis, deadline)[1])

    def tools(self, whose: Whose) -> tuple[AnyTool, ...]:
        """The analyses, the backtest and the questions to the bill as tools."""
        from ...tools.costs.tools import costs_tools  # noqa: PLC0415 - as above
        from ...tools.recommendations.tools import analysis_tool, backtest_tool  # noqa: PLC0415 - as above

        def looks(analysis: Analysis) -> Callable[[ToolContext], Considered]:
            return lambda context: self.found(analysis, context.deadline)[0]

        return (
            *costs_tools(self.bill),
            *(analysis_tool(each.tool, each.description, whose, looks(each)) for each in ANALYSES),
            backtest_tool(whose, lambda context: self.backtests(context.deadline)),
        )

    def known_names(self) -> tuple[str, ...]:
        """Names that whoever runs the platform gave: workloads, teams, models, countries, and ids of the inventory.

        They are what the report is about and pass redaction; owners are people and do not.
        """
        selects = [f"SELECT {column} AS name FROM workloads" for column in ("workload", "team", "model", "country")]  # noqa: S608 - constants
        selects += ["SELECT id AS name FROM inventory", "SELECT team AS name FROM inventory"]
        sql = f"SELECT DISTINCT name FROM ({' UNION ALL '.join(selects)}) WHERE name <> '' ORDER BY name LIMIT $most"  # noqa: S608 - the same
        found = self.store.query(sql, {"most": _NAMES_LIMIT})
        return tuple(found["name"].to_pylist())

    def spans(self) -> Spans | None:
        """The four weeks before its end, and the four before; `None` where there is no bill."""
        if not self.store.bills():
            return None
        return Spans.ending(self._last_day)

    def _paid(self, considered: Considered, deadline: Deadline) -> Considered:
        """Savings in the fleet's currency, and at what the bill says is paid where it knows the subject."""
        book, day = self._savings(deadline), (self.now - timedelta(microseconds=1)).date()

        def worth(currency: str) -> float | None:
            found = self.bill.rates().at(currency, book.currency, day)
            return None if found is None else float(found.value)

        found = in_currency(considered, book.currency, worth)
        kept = tuple(self._as_billed(each, book) for each in found.recommendations)
        return found.model_copy(update={"recommendations": kept})

    def _as_billed(self, each: Recommendation, book: SavingBook) -> Recommendation:
        cost = book.cost_of(each.subject)
        if cost is None or cost.paid.effective is None or each.kind not in _SIZED:
            return each
        all_of_it = book.saving_of_all(each.subject)
        spread = 0.0
        if all_of_it is not None and all_of_it.effective.expected > 0:
            spread = all_of_it.effective.high / all_of_it.effective.expected - 1
        return at_what_is_paid(each, cost.paid.effective, cost.paid.committed, spread)

    def _savings(self, deadline: Deadline) -> SavingBook:
        with self._locks[_SAVINGS]:
            if self._book is None:
                end = self._last_day
                self._book = saving_book(self.bill, end - timedelta(days=28), end, deadline)
            return self._book

    @property
    def _last_day(self) -> date:
        """The day after the last one of the history."""
        return (self.now - timedelta(microseconds=1)).date() + timedelta(days=1)

    def costs(self, deadline: Deadline) -> Mapping[str, float]:
        """Subject to effective cost per month, by the bill of the last four weeks."""
        book, subjects = self._savings(deadline), self.known_names()
        found = {name: book.cost_of(name) for name in subjects}
        return {name: cost.effective for name, cost in found.items() if cost is not None and cost.effective > 0}

    def same_things(self) -> Mapping[str, str]:
        """A thing of the inventory to the workload that it runs as."""
        sql = "SELECT id, workload FROM inventory WHERE workload <> '' AND id <> workload LIMIT $most"
        return {row["id"]: row["workload"] for row in self.store.query(sql, {"most": _NAMES_LIMIT}).to_pylist()}

    def daily_costs(self, subject: str, deadline: Deadline) -> Mapping[date, float]:
        """Effective cost of a subject by day, over all that a measurement looks at."""
        with self._locks[_DAILY]:
            if self._daily is None:
                end = self._last_day
                first = max(self.store.manifest.start.date(), end - timedelta(days=_MEASURED_DAYS))
                self._daily = (first, saving_book(self.bill, first, end, deadline))
            first, book = self._daily
        cost = book.cost_of(subject)
        if cost is None:
            return {}
        return {first + timedelta(days=n): amount for n, amount in enumerate(cost.daily)}

    def around(self, recommendation: Recommendation, applied_at: datetime, deadline: Deadline) -> Around | None:
        """A subject before and after a change; implements `Histories`."""
        from .histories import around  # noqa: PLC0415 - as above

        return around(
            self.store, self.daily_costs(recommendation.subject, deadline), recommendation, applied_at, deadline
        )

    def close(self) -> None:
        """Let go of the files."""
        self.bill.close()
        self.store.close()


def _with_replay(answer: tuple[Considered, Replay]) -> Found:
    considered, replay = answer
    return considered, (backtest_of(replay),)


def backtest_of(replay: Replay) -> KindBacktest:
    """A replay as the report shows it."""
    low, high = replay.interval
    return KindBacktest(
        kind=replay.kind,
        resource=replay.resource,
        rule=replay.rule,
        subjects=replay.subjects,
        weeks=replay.weeks,
        saved=replay.saved,
        violated=replay.violated,
        low=low,
        high=high,
        most=replay.most,
        is_passed=replay.is_passed,
    )
