"""Which operations became slower or began to fail, and whether by their own doing.

A call is slow if it takes longer than its operation's median, or its 95th percentile, in the baseline. Slow calls are
counted against all calls like errors are (`metrics/counts.py`), so one score fits both, an outlier among few calls
proves little, and a fault that hits one call in twenty is seen as well as one that hits all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..metrics.counts import count_shift
from ..metrics.series import Floats
from ..windows import ComparedWindows, to_us
from .operations import Operations, bucket_us

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
        ("duration_onset_us", pa.int64()),  # start of the first stretch with clearly more slow calls than usual
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
        ("error_onset_us", pa.int64()),
        ("origins_before", pa.int64()),  # error spans without a failing child
        ("origins_after", pa.int64()),
        ("error_origin", pa.float64()),  # their share of the window's error spans; null without errors
        ("origin_score", pa.float64()),
    ]
)
"""Columns of the artifact of `traces.latency`: a row per entity and operation, the largest shifts first.

Scores count usual wobbles, > 0 for more, slower, worse; null where one of the two windows holds no span.
"""

_QUANTILES = ("p50_us", "p95_us", "self_p50_us", "self_p95_us")
_COUNTS = ("spans", "errors", "origins", "slow_p50", "slow_p95", "self_slow_p50", "self_slow_p95")
_SCORED = {
    "duration": ("slow_p50", "slow_p95"),
    "self": ("self_slow_p50", "self_slow_p95"),
    "error": ("errors",),
    "origin": ("origins",),
}
_CLEARLY = 3.0


@dataclass(frozen=True)
class _Counted:
    """Counts of n operations, an array (n, buckets) for each name, before and in the window."""

    before: dict[str, Floats]
    after: dict[str, Floats]
    total_before: dict[str, Floats]
    total_after: dict[str, Floats]


def compare(found: Operations, windows: ComparedWindows) -> pa.Table:
    """Score every operation.

    Args:
        found: counted spans.
        windows: what they were counted over.

    Returns:
        `LATENCY_COLUMNS`.
    """
    keys = sorted(set(zip(found.quantiles["entity"].to_pylist(), found.quantiles["name"].to_pylist(), strict=True)))
    if not keys:
        return LATENCY_COLUMNS.empty_table()
    places = {key: place for place, key in enumerate(keys)}
    counted = _count(found.buckets, places, windows)
    columns: dict[str, Any] = {"entity": [entity for entity, _ in keys], "name": [name for _, name in keys]}
    for name in ("spans", "errors", "origins"):
        columns[f"{name}_before"] = counted.total_before[name].astype(np.int64)
        columns[f"{name}_after"] = counted.total_after[name].astype(np.int64)
    columns["error_rate_before"] = _share(counted.total_before["errors"], counted.total_before["spans"])
    columns["error_rate_after"] = _share(counted.total_after["errors"], counted.total_after["spans"])
    columns["error_origin"] = _share(counted.total_after["origins"], counted.total_after["errors"])
    for part in (_scores(counted, windows), _onsets(counted, windows), _quantiles(found.quantiles, places)):
        columns.update(part)
    table = pa.Table.from_pydict({name: columns[name] for name in LATENCY_COLUMNS.names}, schema=LATENCY_COLUMNS)
    return table.take(pa.array(_order(table)))


def strongest(table: pa.Table) -> Floats:
    """How far each operation stands out by any of its scores; what got better counts half.

    Args:
        table: `LATENCY_COLUMNS`.
    """
    scores = np.stack([np.nan_to_num(np.asarray(table[f"{name}_score"].to_numpy(), np.float64)) for name in _SCORED])
    best: Floats = np.where(scores >= 0, scores, -scores / 2).max(axis=0)
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


def _count(buckets: pa.Table, places: dict[tuple[str, str], int], windows: ComparedWindows) -> _Counted:
    step = bucket_us(windows)
    rows = np.array(
        [places[key] for key in zip(buckets["entity"].to_pylist(), buckets["name"].to_pylist(), strict=True)], np.int64
    )
    bucket = np.asarray(buckets["bucket"].to_numpy(), np.int64)
    is_after = np.asarray(buckets["is_after"].to_pylist(), np.bool_)

    def table_of(name: str, mask: npt.NDArray[np.bool_], length_s: float) -> Floats:
        counts = np.zeros((len(places), max(1, -(-round(length_s * 1e6) // step))))
        counts[rows[mask], bucket[mask]] = np.asarray(buckets[name].to_numpy(), np.float64)[mask]
        return counts

    before = {name: table_of(name, ~is_after, windows.baseline_s) for name in _COUNTS}
    after = {name: table_of(name, is_after, windows.length_s) for name in _COUNTS}
    return _Counted(before, after, _totals(before), _totals(after))


def _totals(counts: dict[str, Floats]) -> dict[str, Floats]:
    return {name: table.sum(axis=1) for name, table in counts.items()}


def _scores(counted: _Counted, windows: ComparedWindows) -> dict[str, list[float | None]]:
    parts = counted.before["spans"].shape[1]
    seconds = np.full(parts, windows.baseline_s / parts)
    calls = count_shift(counted.before["spans"], counted.total_after["spans"], seconds, windows.length_s)
    found: dict[str, list[float | None]] = {"calls_score": calls.tolist()}
    known = (counted.total_before["spans"] > 0) & (counted.total_after["spans"] > 0)
    for label, names in _SCORED.items():
        each = np.stack(
            [
                count_shift(
                    counted.before[name],
                    counted.total_after[name],
                    counted.before["spans"],
                    counted.total_after["spans"],
                )
                for name in names
            ]
        )
        best = np.take_along_axis(each, np.abs(each).argmax(axis=0)[None, :], axis=0)[0]
        found[f"{label}_score"] = [float(score) if usable else None for score, usable in zip(best, known, strict=True)]
    return found


def _onsets(counted: _Counted, windows: ComparedWindows) -> dict[str, list[int | None]]:
    start, step = to_us(windows.start), bucket_us(windows)
    spans = counted.total_before["spans"]
    found: dict[str, list[int | None]] = {}
    for label in ("duration", "self", "error"):
        outside = np.zeros_like(counted.after["spans"], dtype=np.bool_)
        for name in _SCORED[label]:
            rate = np.divide(counted.total_before[name], spans, out=np.zeros_like(spans), where=spans > 0)
            expected = counted.after["spans"] * rate[:, None]
            outside |= counted.after[name] > expected + _CLEARLY * np.sqrt(expected + 1)
        first = outside.argmax(axis=1)
        shown = outside.any(axis=1) & (spans > 0)
        found[f"{label}_onset_us"] = [
            start + int(place) * step if usable else None for place, usable in zip(first, shown, strict=True)
        ]
    return found


def _quantiles(quantiles: pa.Table, places: dict[tuple[str, str], int]) -> dict[str, list[float | None]]:
    names = {
        (name, side): f"{name.removesuffix('_us')}_{side}_us" for name in _QUANTILES for side in ("before", "after")
    }
    found: dict[str, list[float | None]] = {name: [None] * len(places) for name in names.values()}
    for row in quantiles.to_pylist():
        for name in _QUANTILES:
            side = "after" if row["is_after"] else "before"
            found[names[name, side]][places[row["entity"], row["name"]]] = row[name]
    return found


def _share(part: Floats, total: Floats) -> list[float | None]:
    return [float(p / t) if t > 0 else None for p, t in zip(part, total, strict=True)]
