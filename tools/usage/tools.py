"""`usage.history` and `usage.coverage`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

from ...core.clock import Deadline
from ...core.errors import ToolRetry
from ..fleets.schema import USAGE_RESOURCES
from ..fleets.store import FleetStore
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit
from .building import Source, left_out
from .history import History
from .reading import Reading, Watched, readings
from .saved import HistoryFolder
from .sizes import Sizes
from .types import CoverageArgs, DayOfUsage, GapOfUsage, HistoryArgs, UsageCoverage, UsageHistory, WatchedUsage

_TOKENS = 800
_EPOCH = datetime.fromtimestamp(0, UTC)


class KnownUsage(Protocol):
    """A history that can be asked for, with what belongs to it."""

    @property
    def environment(self) -> str:
        """Where it was measured."""
        ...

    def history(self, deadline: Deadline) -> tuple[History, Source]:
        """Everything that is known, and what could not be read."""
        ...

    def sizes(self, deadline: Deadline) -> Sizes:
        """What was reserved."""
        ...

    def happenings(self, deadline: Deadline) -> pa.Table:
        """What happened."""
        ...


class FleetUsage(KnownUsage):
    """The history of an open fleet, kept in a folder.

    Args:
        store: the fleet.
        kept: where its history is kept.
    """

    def __init__(self, store: FleetStore, kept: Path) -> None:
        self._store = store
        self._kept = HistoryFolder(kept)

    @property
    def environment(self) -> str:
        """The environment of the fleet."""
        return self._store.environment

    def history(self, deadline: Deadline) -> tuple[History, Source]:
        """All days of the fleet; only new ones are read."""
        history = self._kept.update(self._store, deadline).history
        if not len(history.days):
            return history, Source(self._store.span("usage").rows, {}, 0, self._store.span("usage").rows)
        rows = history.rows
        seen = sum(int(part.sum(dtype=np.int64)) for part in (rows.samples, rows.unusable, rows.repeated))
        first, last = history.days[0].astype(date), history.days[-1].astype(date)
        with self._store.asking(deadline) as cursor:
            return history, left_out(cursor, "usage", first, last, seen)

    def sizes(self, deadline: Deadline) -> Sizes:
        """The table `sizes`."""
        return Sizes(self._store.rows("sizes", deadline=deadline))

    def happenings(self, deadline: Deadline) -> pa.Table:
        """The table `happenings`."""
        return self._store.rows("happenings", deadline=deadline)


def usage_tools(known: KnownUsage) -> tuple[AnyTool, ...]:
    """The tools over the history of a fleet."""

    def history(args: HistoryArgs, context: ToolContext) -> Output[UsageHistory]:
        found, _ = known.history(context.deadline)
        names = found.names(args.resource)
        if args.workload not in found.workloads:
            raise ToolRetry("there is no workload of this name", remedy="ask usage.coverage for the names")
        filters = {"workload": args.workload, "resource": args.resource}
        if args.workload not in names:
            return Output("no_data", Scope(environment=known.environment, filters=filters), note="it was not measured")
        last = found.days[-1].astype(date)
        some = found.between(last - timedelta(days=args.days - 1), last).only((args.workload,))
        if not len(some.days) or not some.names(args.resource):
            return Output("no_data", Scope(environment=known.environment, filters=filters), note="not in these days")
        days = tuple(_days_of(some, args))
        scope = Scope(
            environment=known.environment,
            start=_at(days[0].day),
            end=_at(days[-1].day + timedelta(days=1)),
            filters=filters,
        )
        result = _history_of(some, args, days, known.sizes(context.deadline), scope)
        return Output("ok", scope, result, artifact=pa.Table.from_pylist([one.model_dump() for one in days]))

    def coverage(args: CoverageArgs, context: ToolContext) -> Output[UsageCoverage]:
        found, source = known.history(context.deadline)
        some = found.only(args.workloads) if args.workloads else found
        scope = Scope(
            environment=known.environment, filters={"workloads": str(len(args.workloads))} if args.workloads else {}
        )
        if not len(some.rows):
            return Output("no_data", scope, note="no usage of these workloads is there")
        told = readings(some, known.sizes(context.deadline), known.happenings(context.deadline))
        all_of = sorted(_watched(told), key=lambda one: (one.coverage, one.workload, one.resource))
        shown = first_that_fit(all_of, _TOKENS)
        result = _coverage_of(told, all_of, source, shown)
        scope = scope.model_copy(update={"start": _at(result.first), "end": _at(result.last + timedelta(days=1))})
        rest = len(all_of) - len(shown)
        artifact = pa.Table.from_pylist([one.model_dump() for one in all_of])
        note = f"{rest} series that were watched better are left out; ask for some workloads" if rest else ""
        return Output("truncated" if rest else "ok", scope, result, artifact=artifact, note=note)

    return (
        Tool(
            name="usage.history",
            effect="read",
            description="How one resource of a workload was used day by day, with quantiles over time and its size.",
            args=HistoryArgs,
            result=UsageHistory,
            run=history,
            environment=known.environment,
            timeout_s=300,
            data_classes=frozenset({"operational"}),
            summary_tokens=1_000,
        ),
        Tool(
            name="usage.coverage",
            effect="read",
            description="What usage data are worth, by workload: length, coverage, gaps, resizes, unusable samples.",
            args=CoverageArgs,
            result=UsageCoverage,
            run=coverage,
            environment=known.environment,
            timeout_s=300,
            data_classes=frozenset({"operational"}),
            summary_tokens=1_000,
        ),
    )


def _days_of(history: History, args: HistoryArgs) -> Iterable[DayOfUsage]:
    """Days on which something was measured, in order."""
    most, mean = history.daily_most(args.resource)[0], history.daily_mean(args.resource)[0]
    p95, seen = history.daily_quantiles(args.resource, 0.95)[0], history.coverage(args.resource)[0]
    rows = history.rows
    own = rows.resource == USAGE_RESOURCES.index(args.resource)
    when = dict(zip(rows.day[own].tolist(), rows.most_s[own].tolist(), strict=True))
    for place, day in enumerate(history.days):
        if np.isfinite(most[place]):
            number = int(day.astype(np.int64))
            yield DayOfUsage(
                day=day.astype(date),
                most=float(most[place]),
                most_at=_EPOCH + timedelta(days=number, seconds=when[number]),
                p95=float(p95[place]),
                mean=float(mean[place]),
                coverage=float(seen[place]),
            )


def _history_of(
    history: History, args: HistoryArgs, days: Sequence[DayOfUsage], sizes: Sizes, scope: Scope
) -> UsageHistory:
    p50, p95, p99, p99_5, most = history.quantiles(args.resource, (0.5, 0.95, 0.99, 0.995, 1.0))[0].tolist()
    end = scope.end or _at(days[-1].day)
    reserved, _ = sizes.at(args.workload, args.resource, end)
    resizes = [one for one in sizes.resizes(args.workload, args.resource) if _at(days[0].day) <= one.at < end]
    return UsageHistory(
        workload=args.workload,
        resource=args.resource,
        first=days[0].day,
        last=days[-1].day,
        coverage=sum(one.coverage for one in days) / ((days[-1].day - days[0].day).days + 1),
        p50=p50,
        p95=p95,
        p99=p99,
        p99_5=p99_5,
        most=most,
        reserved=reserved if np.isfinite(reserved) else None,
        resizes=len(resizes),
        days=tuple(reversed(first_that_fit(list(reversed(days)), _TOKENS))),
    )


def _watched(told: Sequence[Reading]) -> Iterable[WatchedUsage]:
    for reading in told:
        for one in reading.resources:
            yield WatchedUsage(
                workload=reading.workload,
                resource=one.resource,
                days=one.days,
                coverage=one.coverage,
                gaps=len(one.gaps) + one.gaps_left_out,
                longest_gap=_longest(one),
                unusable=one.unusable,
                repeated=one.repeated,
                disordered=one.disordered,
                resizes=len(one.resizes),
                restarts=reading.restarts,
                is_short=one.is_short,
            )


def _longest(one: Watched) -> GapOfUsage | None:
    if not one.gaps:
        return None
    longest = max(one.gaps, key=lambda gap: gap.end - gap.start)
    return GapOfUsage(start=longest.start, end=longest.end)


def _coverage_of(
    told: Sequence[Reading], all_of: Sequence[WatchedUsage], source: Source, shown: Sequence[WatchedUsage]
) -> UsageCoverage:
    series = [one for reading in told for one in reading.resources]
    return UsageCoverage(
        workloads=len(told),
        series=len(series),
        first=min(one.first for one in series),
        last=max(one.last for one in series),
        coverage=sum(one.coverage * one.days for one in series) / sum(one.days for one in series),
        short=sum(one.is_short for one in series),
        with_gaps=sum(one.gaps > 0 for one in all_of),
        unusable=sum(one.unusable for one in series),
        repeated=sum(one.repeated for one in series),
        disordered=sum(one.disordered for one in series),
        unknown_resources=tuple(source.unknown)[:10],
        unreadable=source.nameless + sum(source.unknown.values()),
        worst=tuple(shown),
    )


def _at(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
