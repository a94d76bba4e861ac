"""Scores of operations out of their buckets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from opswarden.tools.traces.latency import LATENCY_COLUMNS, compare
from opswarden.tools.traces.operations import BUCKET_COLUMNS, bucket_us
from opswarden.tools.windows import ComparedWindows, to_us

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
WINDOWS = ComparedWindows(
    start=NOON, end=NOON + timedelta(minutes=30), baseline_start=NOON - timedelta(hours=2), baseline_end=NOON
)
STEP = bucket_us(WINDOWS)
NOISE = np.random.default_rng(2).normal(0, 1, 64)
COUNTS = ("spans", "errors", "origins")


def operation(
    entity: str = "oven", *, before: dict[str, float] | None = None, after: dict[str, float] | None = None
) -> list[dict[str, Any]]:
    """Rows of one operation: 24 buckets before, 6 after, a little noise on every duration."""
    rows = []
    for is_after, count, given in ((False, 24, before), (True, 6, after)):
        values = {"spans": 100, "errors": 0, "origins": 0, "p50_us": 20_000, "p95_us": 50_000}
        values |= {"self_p50_us": 8_000, "self_p95_us": 20_000} | (given or {})
        for bucket in (*range(count), None):
            row: dict[str, Any] = {"entity": entity, "name": "work", "is_after": is_after, "bucket": bucket}
            for name, value in values.items():
                noise = 0 if bucket is None or name in COUNTS else NOISE[bucket] * 0.02 * value
                row[name] = value * (count if bucket is None and name in COUNTS else 1) + noise
            if row["spans"]:
                rows.append(row)
    return rows


def compared(*operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = [row for rows in operations for row in rows]
    table = compare(pa.Table.from_pylist(rows, schema=BUCKET_COLUMNS), WINDOWS)
    assert table.schema == LATENCY_COLUMNS
    return list(table.to_pylist())


@pytest.mark.parametrize(
    ("after", "column", "low", "high"),
    [
        ({}, "duration_score", -1, 1),
        ({}, "self_score", -1, 1),
        ({}, "error_score", 0, 0),
        ({"p50_us": 30_000, "p95_us": 75_000}, "duration_score", 5, 100),
        ({"p50_us": 10_000, "p95_us": 25_000}, "duration_score", -100, -5),
        ({"p95_us": 150_000}, "duration_score", 5, 200),
        ({"self_p95_us": 60_000}, "self_score", 5, 200),
        ({"errors": 20}, "error_score", 10, 100),
        ({"origins": 20, "errors": 20}, "origin_score", 10, 100),
        ({"spans": 500}, "calls_score", 5, 100),
    ],
)
def test_scores(after: dict[str, float], column: str, low: float, high: float) -> None:
    (row,) = compared(operation(after=after))
    assert low <= row[column] <= high


def test_the_children_s_slowness_is_not_the_operation_s_own() -> None:
    (row,) = compared(operation(after={"p50_us": 120_000, "p95_us": 150_000}))
    assert row["duration_score"] > 5
    assert abs(row["self_score"]) < 1


def test_self_time_is_judged_on_the_level_of_the_duration() -> None:
    tiny = {"self_p50_us": 5.0, "self_p95_us": 5.0}
    (row,) = compared(operation(before=tiny, after={"self_p50_us": 100.0, "self_p95_us": 100.0}))
    assert abs(row["self_score"]) < 1
    nothing = {"self_p50_us": 0.0, "self_p95_us": 0.0}
    (row,) = compared(operation(before=nothing, after={"self_p50_us": 40.0, "self_p95_us": 40.0}))
    assert abs(row["self_score"]) < 1


def test_rates_and_origins() -> None:
    (row,) = compared(operation(before={"errors": 1, "origins": 1}, after={"errors": 50, "origins": 10}))
    assert (row["spans_before"], row["spans_after"]) == (2_400, 600)
    assert (row["errors_before"], row["errors_after"], row["origins_after"]) == (24, 300, 60)
    assert row["error_rate_before"] == pytest.approx(0.01)
    assert row["error_rate_after"] == pytest.approx(0.5)
    assert row["error_origin"] == pytest.approx(0.2)
    assert row["error_onset_us"] == to_us(NOON)


def test_onsets_are_starts_of_buckets() -> None:
    rows = operation()
    for row in rows:
        if row["is_after"] and row["bucket"] is not None and row["bucket"] >= 2:
            row["p50_us"], row["p95_us"], row["errors"] = 90_000, 200_000, 60
    (found,) = compared(rows)
    assert found["duration_onset_us"] == to_us(NOON) + 2 * STEP
    assert found["error_onset_us"] == to_us(NOON) + 2 * STEP
    assert found["self_onset_us"] is None


def test_an_operation_without_a_past_has_no_scores() -> None:
    (row,) = compared(operation(before={"spans": 0}, after={"errors": 50}))
    assert (row["duration_score"], row["self_score"], row["error_score"], row["origin_score"]) == (None,) * 4
    assert (row["p50_before_us"], row["error_rate_before"]) == (None, None)
    assert row["error_rate_after"] == pytest.approx(0.5)


def test_an_operation_that_is_called_no_more() -> None:
    (row,) = compared(operation(after={"spans": 0}))
    assert row["calls_score"] < -3
    assert (row["spans_after"], row["duration_score"], row["error_score"], row["p95_after_us"]) == (0, None, None, None)


def test_the_largest_shift_comes_first_then_the_name() -> None:
    slow = {"p50_us": 40_000.0, "p95_us": 90_000.0}
    rows = compared(operation("a"), operation("c", after=slow), operation("b"))
    assert rows[0]["entity"] == "c"


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
