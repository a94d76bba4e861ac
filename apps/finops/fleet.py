"""One fleet, open: its analyses, each computed once however many tools ask, and the names that pass redaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ...agents.finops.parts import Spans
from ...agents.finops.types import FleetFacts
from ...core.clock import Deadline
from ...tools.fleets.replay import Replay
from ...tools.fleets.store import FleetStore
from ...tools.recommendations.backtests import KindBacktest
from ...tools.recommendations.types import Considered, Recommendation
from ...tools.spec import AnyTool, ToolContext

if TYPE_CHECKING:
    from ...tools.recommendations.realised import Around
    from ...tools.recommendations.tools import Whose
    from .histories import DailyCosts

_NAMES_LIMIT = 20_000
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


def _schedules(store: FleetStore, deadline: Deadline) -> Found:
    from ...tools.fleets.view import read_view  # noqa: PLC0415 - numpy and its kin, only where a fleet is looked at
    from ...tools.schedules.recommend import may_sleep, recommend_schedules  # noqa: PLC0415 - the same

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
)
"""Everything that is looked for, in the order of the report."""


class OpenFleet:
    """A fleet folder, open for one run. Safe to use from several threads.

    Args:
        folder: of the fleet.

    Raises:
        InputError: it is no fleet.
    """

    def __init__(self, folder: Path) -> None:
        self.store = FleetStore(folder)
        self._found: dict[str, Found] = {}
        self._locks = {analysis.tool: threading.Lock() for analysis in ANALYSES}

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
                self._found[analysis.tool] = analysis.look(self.store, deadline)
            return self._found[analysis.tool]

    def backtests(self, deadline: Deadline) -> tuple[KindBacktest, ...]:
        """What every kind would have come to in the past of this fleet."""
        return tuple(each for analysis in ANALYSES for each in self.found(analysis, deadline)[1])

    def tools(self, whose: Whose) -> tuple[AnyTool, ...]:
        """The analyses and the backtest as tools."""
        from ...tools.recommendations.tools import analysis_tool, backtest_tool  # noqa: PLC0415 - as above

        def looks(analysis: Analysis) -> Callable[[ToolContext], Considered]:
            return lambda context: self.found(analysis, context.deadline)[0]

        return (
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
        end = (self.now - timedelta(microseconds=1)).date() + timedelta(days=1)
        return Spans.ending(end)

    def costs(self, _deadline: Deadline) -> Mapping[str, float]:
        """Subject to effective cost per month."""
        return {}

    def daily_costs(self, _deadline: Deadline) -> DailyCosts:
        """Subject to effective cost by day."""
        return {}

    def around(self, recommendation: Recommendation, applied_at: datetime, deadline: Deadline) -> Around | None:
        """A subject before and after a change; implements `Histories`."""
        from .histories import around  # noqa: PLC0415 - as above

        return around(self.store, self.daily_costs(deadline), recommendation, applied_at, deadline)

    def close(self) -> None:
        """Let go of the files."""
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
