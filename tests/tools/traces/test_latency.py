"""Scores of operations out of their buckets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from opswarden.tools.traces.latency import LATENCY_COLUMNS, compare
from opswarden.tools.traces.operations import BUCKET_COLUMNS, QUANTILE_COLUMNS, Operations, bucket_us
from opswarden.tools.windows import ComparedWindows, to_us

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
WINDOWS = ComparedWindows(
    start=NOON, end=NOON + timedelta(minutes=30), baseline_start=NOON - timedelta(hours=2), baseline_end=NOON
)
STEP = bucket_us(WINDOWS)
QUIET = {
    "spans": 100,
    "errors": 0,
    "origins": 0,
    "slow_p50": 45,
    "slow_p95": 4,
    "self_slow_p50": 40,
    "self_slow_p95": 4,
}
Rows = list[dict[str, Any]]


def operation(
    entity: str = "oven", *, before: dict[str, int] | None = None, after: dict[str, int] | None = None
) -> Rows:
    """The buckets of one operation: 24 before and 6 after."""
    return [
        {"entity": entity, "name": "work", "is_after": is_after, "bucket": bucket} | QUIET | (given or {})
        for is_after, count, given in ((False, 24, before), (True, 6, after))
        for bucket in range(count)
    ]


def compared(*operations: Rows) -> Rows:
    rows = [row for rows in operations for row in rows if row["spans"]]
    sides = sorted({(row["entity"], row["name"], row["is_after"]) for row in rows})
    quantiles = [
        {"entity": entity, "name": name, "is_after": side, "p50_us": 10.0 + side, "p95_us": 20.0 + side}
        | {"self_p50_us": 1.0 + side, "self_p95_us": 2.0 + side}
        for entity, name, side in sides
    ]
    found = Operations(
        pa.Table.from_pylist(rows, schema=BUCKET_COLUMNS),
        pa.Table.from_pylist(quantiles, schema=QUANTILE_COLUMNS),
        True,
    )
    table = compare(found, WINDOWS)
    assert table.schema == LATENCY_COLUMNS
    return list(table.to_pylist())


@pytest.mark.parametrize(
    ("after", "column", "low", "high"),
    [
        ({}, "duration_score", -0.1, 0.1),
        ({}, "self_score", -0.1, 0.1),
        ({}, "error_score", 0, 0),
        ({"slow_p50": 48, "slow_p95": 5}, "duration_score", 0, 2),
        ({"slow_p50": 100, "slow_p95": 100}, "duration_score", 5, 50),
        ({"slow_p50": 50, "slow_p95": 20}, "duration_score", 3, 20),
        ({"slow_p50": 0, "slow_p95": 0}, "duration_score", -20, -3),
        ({"slow_p50": 100, "slow_p95": 100}, "self_score", -0.1, 0.1),
        ({"self_slow_p95": 60}, "self_score", 5, 50),
        ({"errors": 20}, "error_score", 10, 100),
        ({"errors": 20}, "origin_score", 0, 0),
        ({"origins": 20, "errors": 20}, "origin_score", 10, 100),
        ({"spans": 500}, "calls_score", 5, 100),
    ],
)
def test_scores(after: dict[str, int], column: str, low: float, high: float) -> None:
    (row,) = compared(operation(after=after))
    assert low <= row[column] <= high


def test_an_outlier_among_few_calls_proves_little() -> None:
    few = {"spans": 1, "slow_p50": 0, "slow_p95": 0, "self_slow_p50": 0, "self_slow_p95": 0}
    rows = operation(before=few, after=few)
    rows[-1] |= {"slow_p50": 1, "slow_p95": 1}
    (row,) = compared(rows)
    assert 0 < row["duration_score"] < 2.5
    (row,) = compared(operation(before=few, after={**few, "slow_p50": 1, "slow_p95": 1}))
    assert row["duration_score"] > 3


def test_rates_origins_and_quantiles() -> None:
    (row,) = compared(operation(before={"errors": 1, "origins": 1}, after={"errors": 50, "origins": 10}))
    assert (row["spans_before"], row["spans_after"]) == (2_400, 600)
    assert (row["errors_before"], row["errors_after"], row["origins_after"]) == (24, 300, 60)
    assert row["error_rate_before"] == pytest.approx(0.01)
    assert row["error_rate_after"] == pytest.approx(0.5)
    assert row["error_origin"] == pytest.approx(0.2)
    assert [row[f"{name}_us"] for name in ("p50_before", "p50_after", "p95_before", "p95_after")] == [10, 11, 20, 21]
    assert [row[f"self_{name}_us"] for name in ("p50_before", "p50_after", "p95_before", "p95_after")] == [1, 2, 2, 3]


def test_onsets_are_starts_of_buckets() -> None:
    rows = operation()
    for row in rows:
        if row["is_after"] and row["bucket"] >= 2:
            row |= {"slow_p95": 60, "errors": 60}
    (found,) = compared(rows)
    assert found["duration_onset_us"] == to_us(NOON) + 2 * STEP
    assert found["error_onset_us"] == to_us(NOON) + 2 * STEP
    assert found["self_onset_us"] is None


def test_an_operation_without_a_past_has_no_scores() -> None:
    (row,) = compared(operation(before={"spans": 0}, after={"errors": 50}))
    assert (row["duration_score"], row["self_score"], row["error_score"], row["origin_score"]) == (None,) * 4
    assert (row["p50_before_us"], row["error_rate_before"], row["error_onset_us"]) == (None, None, None)
    assert row["error_rate_after"] == pytest.approx(0.5)


def test_an_operation_that_is_called_no_more() -> None:
    (row,) = compared(operation(after={"spans": 0}))
    assert row["calls_score"] < -3
    assert (row["spans_after"], row["duration_score"], row["error_score"], row["p95_after_us"]) == (0, None, None, None)


def test_the_largest_shift_comes_first_then_errors_then_the_name() -> None:
    slow, failing = {"slow_p95": 90}, {"errors": 1}
    rows = compared(
        operation("a"),
        operation("d", after=slow),
        operation("c", before=failing, after=failing),
        operation("b"),
    )
    assert [row["entity"] for row in rows] == ["d", "c", "a", "b"]


def test_nothing_is_nothing() -> None:
    assert compared() == []


@pytest.mark.parametrize(
    ("window", "baseline", "expected_s"),
    [
        (timedelta(minutes=30), timedelta(hours=2), 300),
        (timedelta(minutes=1), timedelta(days=1), 360),
        (timedelta(hours=6), timedelta(hours=1), 300),
    ],
)
def test_buckets_are_equal_in_both_windows_and_not_too_many(
    window: timedelta, baseline: timedelta, expected_s: int
) -> None:
    windows = ComparedWindows(start=NOON, end=NOON + window, baseline_start=NOON - baseline, baseline_end=NOON)
    assert bucket_us(windows) == expected_s * 1_000_000
