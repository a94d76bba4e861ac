"""`metrics.query` and `metrics.shifts`."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from ..arrow import compute as pc
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..windows import entity_filter
from .backends.types import MetricsBackend
from .indicators import classify, harmful_direction
from .series import Floats, SeriesKey, SeriesSet, Times, as_rates
from .shifts import measure
from .types import QueryArgs, QueryResult, SeriesSummary, Shift, ShiftsArgs, ShiftsResult

_SHOWN_SERIES = 5
_SHIFTED = 3.0

SHIFT_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("metric", pa.string()),
        ("labels", pa.map_(pa.string(), pa.string())),
        ("unit", pa.string()),
        ("indicator_class", pa.string()),
        ("direction", pa.string()),
        ("score", pa.float64()),  # null where there is no baseline to compare with
        ("before", pa.float64()),
        ("after", pa.float64()),
        ("onset_us", pa.int64()),
        ("first_us", pa.int64()),  # the first sample of the series at all
        ("samples", pa.int64()),  # in the window
        ("window_low", pa.float64()),  # quartiles of the window
        ("window_median", pa.float64()),
        ("window_high", pa.float64()),
    ]
)
"""Columns of the artifact of `metrics.shifts`: every series with a sample in the window, in no order."""


def metrics_tools(backend: MetricsBackend) -> tuple[AnyTool, ...]:
    """The metric tools over one backend."""
    return (
        _query_tool(backend),
        _shifts_tool(backend),
    )


def _query_tool(backend: MetricsBackend) -> AnyTool:
    def query(args: QueryArgs, context: ToolContext) -> Output[QueryResult]:
        found = backend.series(
            args.start, args.end, context.deadline, entities=(args.entity,), metric=args.metric, labels=args.labels
        )
        scope = Scope(
            environment=backend.environment,
            start=args.start,
            end=args.end,
            filters={
                "entity": args.entity,
                "metric": args.metric,
                **{f"label {name}": value for name, value in args.labels.items()},
            },
        )
        if not len(found):
            return Output("no_data", scope, note="no series matches in this time range")
        sized = sorted(found, key=lambda item: (-len(item[2]), item[0].label_text))
        shown = tuple(summary_of(key, times, values, args) for key, times, values in sized[:_SHOWN_SERIES])
        result = QueryResult(series_matched=len(found), series=shown)
        rest = len(found) - len(shown)
        return Output(
            "truncated" if rest else "ok",
            scope,
            result,
            artifact=_samples_table(found),
            note=f"{rest} more series match; name labels to see one" if rest else "",
        )

    return Tool(
        name="metrics.query",
        effect="read",
        description="The samples of one metric of one entity in a time range, averaged over equal steps.",
        args=QueryArgs,
        result=QueryResult,
        run=query,
        environment=backend.environment,
        data_classes=frozenset({"operational"}),
        resource=lambda args: args.entity,
    )


def _shifts_tool(backend: MetricsBackend) -> AnyTool:
    def shifts(args: ShiftsArgs, context: ToolContext) -> Output[ShiftsResult]:
        found = backend.series(args.baseline_start, args.end, context.deadline, entities=args.entities)
        scope = Scope(
            environment=backend.environment,
            start=args.start,
            end=args.end,
            filters=entity_filter(args.entities),
        )
        if not len(found):
            return Output("no_data", scope, note="no series lies in the window or its baseline")
        table = shift_table(found, _to_us(args.start), _to_us(args.end), _to_us(args.baseline_end))
        if not table.num_rows:
            return Output("no_data", scope, note=f"none of {len(found)} series has a sample in the window")
        scores = table["score"].to_numpy()
        result = ShiftsResult(
            series_compared=int(np.sum(np.isfinite(scores))),
            series_shifted=int(np.sum(scores >= _SHIFTED)),
            series_without_baseline=table["score"].null_count,
            shifts=_largest(table.filter(pc.greater_equal(table["score"], _SHIFTED)), args.limit),
        )
        return Output("ok", scope, result, artifact=table)

    return Tool(
        name="metrics.shifts",
        effect="read",
        description="Which series left their usual range in a window, compared with a quiet time before it.",
        args=ShiftsArgs,
        result=ShiftsResult,
        run=shifts,
        environment=backend.environment,
        data_classes=frozenset({"operational"}),
        timeout_s=60,
        summary_tokens=700,
    )


def _to_us(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def shift_table(found: SeriesSet, start_us: int, end_us: int, quiet_end_us: int) -> pa.Table:
    """The artifact of `metrics.shifts`.

    Args:
        found: series as recorded.
        start_us: start of the window.
        end_us: end of the window.
        quiet_end_us: end of the quiet time; it begins with the first sample.
    """
    rates = as_rates(found)
    whole = np.array([harmful_direction(key.metric) == "down" for key in rates.keys], np.bool_)
    shifts = measure(rates, start_us, end_us, quiet_end_us, whole)
    rows = np.flatnonzero(shifts.samples > 0)
    unknown = np.isnan(shifts.score[rows])
    keys = [rates.keys[row] for row in rows]

    def numbers(values: Floats) -> pa.Array:
        return pa.array(values[rows], mask=unknown)

    classes = {metric: classify(metric) for metric in {key.metric for key in keys}}
    return pa.Table.from_pydict(
        {
            "entity": [key.entity for key in keys],
            "metric": [key.metric for key in keys],
            "labels": [list(key.labels) for key in keys],
            "unit": [key.unit for key in keys],
            "indicator_class": [classes[key.metric] for key in keys],
            "direction": pa.array(np.where(shifts.is_up[rows], "up", "down").tolist(), mask=unknown),
            "score": numbers(shifts.score),
            "before": numbers(shifts.before),
            "after": numbers(shifts.after),
            "onset_us": pa.array(shifts.onset_us[rows], mask=unknown | (shifts.onset_us[rows] == 0)),
            "first_us": shifts.first_us[rows],
            "samples": shifts.samples[rows],
            "window_low": shifts.low[rows],
            "window_median": shifts.middle[rows],
            "window_high": shifts.high[rows],
        },
        schema=SHIFT_COLUMNS,
    )


def _largest(shifted: pa.Table, limit: int) -> tuple[Shift, ...]:
    """The strongest of each entity and metric, the strongest first; ties by name."""
    columns = ("entity", "metric", "labels", "indicator_class", "direction", "score", "before", "after", "onset_us")
    rows = sorted(
        zip(*(shifted[name].to_pylist() for name in columns), strict=True),
        key=lambda row: (-row[5], row[0], row[1], _text(row[2])),
    )
    best = {(row[0], row[1]): row for row in reversed(rows)}
    order = sorted(best.values(), key=lambda row: (-row[5], row[0], row[1]))
    return tuple(
        Shift(
            entity=entity,
            metric=metric,
            labels=_text(labels),
            indicator_class=kind,
            direction=direction,
            score=round(score, 1),
            before=_short(before),
            after=_short(after),
            onset=None if onset is None else datetime.fromtimestamp(onset / 1e6, UTC),
        )
        for entity, metric, labels, kind, direction, score, before, after, onset in order[:limit]
    )


def _text(labels: list[tuple[str, str]]) -> str:
    return ",".join(f"{name}={value}" for name, value in labels)


def _short(value: float) -> float:
    """Four significant digits: enough for a person and half the tokens."""
    return float(f"{value:.4g}")


def summary_of(key: SeriesKey, times: Times, values: Floats, args: QueryArgs) -> SeriesSummary:
    """A series drawn small, over the time range that was asked for."""
    start, end = _to_us(args.start), _to_us(args.end)
    edges = np.linspace(start, end, args.max_points + 1)
    place = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, args.max_points - 1)
    sums = np.bincount(place, weights=values, minlength=args.max_points)
    counts = np.bincount(place, minlength=args.max_points)
    points = tuple(_short(total / n) if n else None for total, n in zip(sums, counts, strict=True))
    return SeriesSummary(
        labels=dict(key.labels),
        unit=key.unit,
        samples=len(values),
        first=_short(float(values[0])),
        last=_short(float(values[-1])),
        minimum=_short(float(values.min())),
        median=_short(float(np.median(values))),
        maximum=_short(float(values.max())),
        step_s=round((end - start) / 1e6 / args.max_points, 3),
        points=points,
    )


def _samples_table(found: SeriesSet) -> pa.Table:
    lengths = np.diff(found.bounds)
    return pa.table(
        {
            "series": pa.array(np.repeat(np.arange(len(found)), lengths)),
            "ts": pa.array(found.times_us, pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
            "value": pa.array(found.values),
        }
    )
