"""`metrics.query` and `metrics.shifts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..windows import entity_filter
from .backends.types import MetricsBackend
from .indicators import classify
from .series import Floats, SeriesKey, SeriesSet, Times, as_rate
from .shifts import SeriesShift, measure
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


@dataclass(frozen=True)
class _Compared:
    """One series with samples in the window, and its shift where a baseline exists."""

    key: SeriesKey
    shift: SeriesShift | None
    first_us: int
    samples: int
    quartiles: tuple[float, float, float]


def metrics_tools(backend: MetricsBackend) -> tuple[AnyTool, ...]:
    """The metric tools over one backend."""

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
        shown = tuple(_summarise(key, times, values, args) for key, times, values in sized[:_SHOWN_SERIES])
        result = QueryResult(series_matched=len(found), series=shown)
        rest = len(found) - len(shown)
        return Output(
            "truncated" if rest else "ok",
            scope,
            result,
            artifact=_samples_table(found),
            note=f"{rest} more series match; name labels to see one" if rest else "",
        )

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
        rows = _compare(found, args)
        if not rows:
            return Output("no_data", scope, note=f"none of {len(found)} series has a sample in the window")
        compared = [(row.key, row.shift) for row in rows if row.shift is not None]
        shifted = [pair for pair in compared if pair[1].score >= _SHIFTED]
        result = ShiftsResult(
            series_compared=len(compared),
            series_shifted=len(shifted),
            series_without_baseline=len(rows) - len(compared),
            shifts=_largest(shifted, args.limit),
        )
        return Output("ok", scope, result, artifact=_shift_table(rows))

    return (
        Tool(
            name="metrics.query",
            effect="read",
            description="The samples of one metric of one entity in a time range, averaged over equal steps.",
            args=QueryArgs,
            result=QueryResult,
            run=query,
            environment=backend.environment,
            data_classes=frozenset({"operational"}),
            resource=lambda args: args.entity,
        ),
        Tool(
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
        ),
    )


def _to_us(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def _compare(found: SeriesSet, args: ShiftsArgs) -> list[_Compared]:
    start, end, baseline_end = _to_us(args.start), _to_us(args.end), _to_us(args.baseline_end)
    rows: list[_Compared] = []
    for key, raw_times, raw_values in found:
        times, values = as_rate(raw_times, raw_values) if key.kind == "counter" else (raw_times, raw_values)
        first, last, last_quiet = np.searchsorted(times, (start, end, baseline_end))
        window = values[first:last]
        if not len(window):
            continue
        low, middle, high = (float(value) for value in np.quantile(window, (0.25, 0.5, 0.75)))
        shift = measure(times[first:last], window, values[:last_quiet])
        rows.append(_Compared(key, shift, int(times[0]), len(window), (low, middle, high)))
    return rows


def _largest(shifted: list[tuple[SeriesKey, SeriesShift]], limit: int) -> tuple[Shift, ...]:
    best: dict[tuple[str, str], tuple[SeriesKey, SeriesShift]] = {}
    for key, shift in sorted(shifted, key=lambda row: (-row[1].score, row[0].entity, row[0].metric, row[0].label_text)):
        best.setdefault((key.entity, key.metric), (key, shift))
    return tuple(
        Shift(
            entity=key.entity,
            metric=key.metric,
            labels=key.label_text,
            indicator_class=classify(key.metric),
            direction=shift.direction,
            score=round(shift.score, 1),
            before=_short(shift.before),
            after=_short(shift.after),
            onset=None if shift.onset_us is None else datetime.fromtimestamp(shift.onset_us / 1e6, UTC),
        )
        for key, shift in list(best.values())[:limit]
    )


def _short(value: float) -> float:
    """Four significant digits: enough for a person and half the tokens."""
    return float(f"{value:.4g}")


def _summarise(key: SeriesKey, times: Times, values: Floats, args: QueryArgs) -> SeriesSummary:
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


def _shift_table(rows: list[_Compared]) -> pa.Table:
    shifts = [row.shift for row in rows]
    return pa.Table.from_pydict(
        {
            "entity": [row.key.entity for row in rows],
            "metric": [row.key.metric for row in rows],
            "labels": [list(row.key.labels) for row in rows],
            "unit": [row.key.unit for row in rows],
            "indicator_class": [classify(row.key.metric) for row in rows],
            "direction": [shift.direction if shift else None for shift in shifts],
            "score": [shift.score if shift else None for shift in shifts],
            "before": [shift.before if shift else None for shift in shifts],
            "after": [shift.after if shift else None for shift in shifts],
            "onset_us": [shift.onset_us if shift else None for shift in shifts],
            "first_us": [row.first_us for row in rows],
            "samples": [row.samples for row in rows],
            "window_low": [row.quartiles[0] for row in rows],
            "window_median": [row.quartiles[1] for row in rows],
            "window_high": [row.quartiles[2] for row in rows],
        },
        schema=SHIFT_COLUMNS,
    )
