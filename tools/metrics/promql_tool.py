"""`metrics.promql`: an expression that a person or a model wrote, over a live system that computes expressions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from ...core.errors import ToolRetry
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from .backends.types import Evaluated, Evaluating
from .series import SeriesKey
from .tools import summary_of
from .types import PromqlArgs, PromqlResult, QueryArgs

_SHOWN_SERIES = 8


def promql_tool(systems: Mapping[str, Evaluating], environment: str) -> AnyTool:
    """The tool over the systems of one environment that compute expressions, by name."""

    def run(args: PromqlArgs, context: ToolContext) -> Output[PromqlResult]:
        system = _chosen(systems, args.system)
        found = system.evaluate(args.query, args.start, args.end, args.max_points, context.deadline)
        scope = Scope(
            environment=environment,
            start=args.start,
            end=args.end,
            filters={"query": found.text, "system": system.name},
        )
        if not found.series:
            return Output("no_data", scope, note="the expression gives nothing in this time range")
        order = sorted(found.series, key=lambda item: (-float(np.max(np.abs(item[2]))), sorted(item[0].items())))
        drawn = QueryArgs(entity="-", metric="-", start=args.start, end=args.end, max_points=args.max_points)
        shown = tuple(
            summary_of(SeriesKey("", "", "gauge", None, tuple(sorted(labels.items()))), times, values, drawn)
            for labels, times, values in order[:_SHOWN_SERIES]
        )
        rest = len(found.series) - len(shown)
        return Output(
            "truncated" if rest else "ok",
            scope,
            PromqlResult(asked=found.text, series_matched=len(found.series), series=shown),
            artifact=_points(found),
            note=f"{rest} more series; aggregate, or name labels" if rest else "",
        )

    return Tool(
        name="metrics.promql",
        effect="read",
        description=(
            "Computes a PromQL expression over a time range. Every selector names one metric; labels that confine what "
            "may be read are added to each."
        ),
        args=PromqlArgs,
        result=PromqlResult,
        run=run,
        environment=environment,
        data_classes=frozenset({"operational"}),
        resource=lambda args: args.system or "metrics",
        summary_tokens=700,
        is_offered=bool(systems),
    )


def _chosen(systems: Mapping[str, Evaluating], name: str | None) -> Evaluating:
    if not systems:
        raise ToolRetry("no system here computes expressions", remedy="use metrics.query")
    known = ", ".join(sorted(systems))
    if name is None:
        if len(systems) != 1:
            raise ToolRetry("several systems compute expressions", remedy=f"name one as `system`: {known}")
        return next(iter(systems.values()))
    if name not in systems:
        raise ToolRetry("no such system computes expressions", remedy=f"`system` is one of {known}")
    return systems[name]


def _points(found: Evaluated) -> pa.Table:
    """One row per point: the number of its series, its labels, time and value."""
    lengths = [len(times) for _, times, _ in found.series]
    numbers = np.repeat(np.arange(len(lengths)), lengths)
    labels = pa.array([list(item[0].items()) for item in found.series], pa.map_(pa.string(), pa.string()))
    times = np.concatenate([item[1] for item in found.series])
    return pa.table(
        {
            "series": pa.array(numbers),
            "labels": labels.take(pa.array(numbers)),
            "ts": pa.array(times, pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
            "value": pa.array(np.concatenate([item[2] for item in found.series])),
        }
    )
