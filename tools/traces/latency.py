"""Which operations became slower or began to fail, and whether by their own doing.

Quantiles of short stretches are series like any metric, so they are scored as such (`metrics/shifts.py`); errors are
counts against calls (`metrics/counts.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..metrics.counts import count_shift
from ..metrics.series import Floats
from ..metrics.shifts import SeriesShift, measure
from ..windows import ComparedWindows, to_us
from .operations import bucket_us

LATENCY_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("name", pa.string()),
        ("spans_before", pa.int64()),
        ("spans_after", pa.int64()),
        ("calls_score", pa.float64()),  # spans per second
        ("p50_before_us", pa.float64()),
        ("p50_after_us", pa.float64()),
        ("p95_before_us", pa.float64()),
        ("p95_after_us", pa.float64()),
        ("duration_score", pa.float64()),
        ("duration_onset_us", pa.int64()),  # start of the stretch from which it stays outside its usual range
        ("self_p50_before_us", pa.float64()),
        ("self_p50_after_us", pa.float64()),
        ("self_p95_before_us", pa.float64()),
        ("self_p95_after_us", pa.float64()),
        ("self_score", pa.float64()),  # of the time that no child span covers
        ("self_onset_us", pa.int64()),
        ("errors_before", pa.int64()),
        ("errors_after", pa.int64()),
        ("error_rate_before", pa.float64()),
        ("error_rate_after", pa.float64()),
        ("error_score", pa.float64()),
        ("error_onset_us", pa.int64()),  # start of the first stretch with clearly more errors than usual
        ("origins_before", pa.int64()),  # error spans without a failing child
        ("origins_after", pa.int64()),
        ("error_origin", pa.float64()),  # their share of the window's error spans; null without errors
        ("origin_score", pa.float64()),
    ]
)
"""Columns of the artifact of `traces.latency`: a row per entity and operation, the largest shifts first.

Scores count usual wobbles, > 0 for more, slower, worse; null where there is too little past to compare with.
"""

_QUANTILES = ("p50_us", "p95_us", "self_p50_us", "self_p95_us")
_COUNTS = ("spans", "errors", "origins")
_CLEARLY = 3.0

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Operation:
    """One operation: its whole windows, and the buckets that hold a span, in order of time."""

    entity: str
    name: str
    whole: dict[str, dict[bool, float]]
    places: dict[bool, Ints]
    buckets: dict[str, dict[bool, Floats]]


def compare(rows: pa.Table, windows: ComparedWindows) -> pa.Table:
    """Score every operation.

    Args:
        rows: `operations.BUCKET_COLUMNS`.
        windows: what they were counted over.

    Returns:
        `LATENCY_COLUMNS`.
    """
    step = bucket_us(windows)
    start = to_us(windows.start)
    found = list(_operations(rows))
    if not found:
        return LATENCY_COLUMNS.empty_table()
    columns = {
        "entity": [op.entity for op in found],
        "name": [op.name for op in found],
        **_count_columns(found, windows, step, start),
    }
    for prefix, label in (("", "duration"), ("self_", "self")):
        shifts = [_slower(op, prefix, start, step) for op in found]
        columns[f"{label}_score"] = [None if shift is None else _signed(shift) for shift in shifts]
        columns[f"{label}_onset_us"] = [None if shift is None else shift.onset_us for shift in shifts]
    for name in _QUANTILES:
        stem = name.removesuffix("_us")
        for side, after in (("before", False), ("after", True)):
            columns[f"{stem}_{side}_us"] = [op.whole[name].get(after) for op in found]
    table = pa.Table.from_pydict({name: columns[name] for name in LATENCY_COLUMNS.names}, schema=LATENCY_COLUMNS)
    return table.take(pa.array(_order(table)))


def strongest(table: pa.Table) -> Floats:
    """How far each operation stands out by any of its scores; what got better counts half.

    Args:
        table: `LATENCY_COLUMNS`.
    """
    names = ("duration_score", "self_score", "error_score", "origin_score")
    scores = np.stack([np.nan_to_num(np.asarray(table[name].to_numpy(), np.float64)) for name in names], axis=1)
    best: Floats = np.where(scores >= 0, scores, -scores / 2).max(axis=1)
    return best


def _order(table: pa.Table) -> list[int]:
    keys = zip(
        -strongest(table),
        *(-np.asarray(table[name].to_numpy(), np.int64) for name in ("errors_after", "spans_after")),
        table["entity"].to_pylist(),
        table["name"].to_pylist(),
        strict=True,
    )
    return [place for place, _ in sorted(enumerate(keys), key=lambda pair: pair[1])]


def _operations(rows: pa.Table) -> Iterator[_Operation]:
    rows = rows.sort_by([(name, "ascending") for name in ("entity", "name", "is_after", "bucket")])
    entities, names, sides, places = (rows[n].to_pylist() for n in ("entity", "name", "is_after", "bucket"))
    values = {name: np.asarray(rows[name].to_numpy(), np.float64) for name in (*_COUNTS, *_QUANTILES)}
    first = 0
    for end in range(1, len(entities) + 1):
        if end < len(entities) and (entities[end], names[end]) == (entities[first], names[first]):
            continue
        whole = {sides[row]: row for row in range(first, end) if places[row] is None}
        parts = {
            side: [row for row in range(first, end) if places[row] is not None and sides[row] is side]
            for side in (False, True)
        }
        yield _Operation(
            entities[first],
            names[first],
            {name: {side: float(column[row]) for side, row in whole.items()} for name, column in values.items()},
            {side: np.array([places[row] for row in chosen], np.int64) for side, chosen in parts.items()},
            {name: {side: column[chosen] for side, chosen in parts.items()} for name, column in values.items()},
        )
        first = end


def _slower(op: _Operation, prefix: str, start_us: int, step_us: int) -> SeriesShift | None:
    """The larger of the shifts of median and 95th percentile."""
    # Self time is judged on the level of the duration: ten microseconds more are nothing to an operation of a second.
    lift = op.whole["p50_us"].get(False, 0.0) if prefix else 0.0
    times = start_us + op.places[True] * step_us
    shifts = [
        measure(times, op.buckets[name][True] + lift, op.buckets[name][False] + lift)
        for name in (f"{prefix}p50_us", f"{prefix}p95_us")
    ]
    return max((shift for shift in shifts if shift is not None), key=lambda shift: shift.score, default=None)


def _signed(shift: SeriesShift) -> float:
    return shift.score if shift.direction == "up" else -shift.score


def _count_columns(
    found: list[_Operation], windows: ComparedWindows, step_us: int, start_us: int
) -> dict[str, list[float | int | None]]:
    parts = -(-(to_us(windows.baseline_end) - to_us(windows.baseline_start)) // step_us)
    before = {name: np.zeros((len(found), parts)) for name in _COUNTS}
    for place, op in enumerate(found):
        for name in _COUNTS:
            before[name][place, op.places[False]] = op.buckets[name][False]
    after = {name: np.array([op.whole[name].get(True, 0.0) for op in found]) for name in _COUNTS}
    sums = {name: before[name].sum(axis=1) for name in _COUNTS}
    columns: dict[str, list[float | int | None]] = {}
    for name in _COUNTS:
        columns[f"{name}_before"] = [int(n) for n in sums[name]]
        columns[f"{name}_after"] = [int(n) for n in after[name]]
    columns["error_rate_before"] = _share(sums["errors"], sums["spans"])
    columns["error_rate_after"] = _share(after["errors"], after["spans"])
    columns["error_origin"] = _share(after["origins"], after["errors"])
    seconds = np.full(parts, windows.baseline_s / parts)
    columns["calls_score"] = count_shift(before["spans"], after["spans"], seconds, windows.length_s).tolist()
    known = (sums["spans"] > 0) & (after["spans"] > 0)
    for name, label in (("errors", "error_score"), ("origins", "origin_score")):
        scores = count_shift(before[name], after[name], before["spans"], after["spans"])
        columns[label] = [float(score) if usable else None for score, usable in zip(scores, known, strict=True)]
    columns["error_onset_us"] = [_error_onset(op, start_us, step_us) for op in found]
    return columns


def _share(part: Floats, total: Floats) -> list[float | int | None]:
    return [float(p / t) if t > 0 else None for p, t in zip(part, total, strict=True)]


def _error_onset(op: _Operation, start_us: int, step_us: int) -> int | None:
    spans, errors = op.buckets["spans"], op.buckets["errors"]
    if not spans[False].sum():
        return None
    expected = spans[True] * (errors[False].sum() / spans[False].sum())
    outside = np.flatnonzero(errors[True] > expected + _CLEARLY * np.sqrt(expected + 1))
    return int(start_us + op.places[True][outside[0]] * step_us) if len(outside) else None
