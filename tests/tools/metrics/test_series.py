"""Counters become rates."""

from __future__ import annotations

import numpy as np
import pytest

from opswarden.tools.metrics import series
from opswarden.tools.metrics.series import SeriesKey, SeriesSet, as_rate, as_rates

S = 1_000_000


@pytest.mark.parametrize(
    ("times_s", "totals", "expected_times_s", "expected"),
    [
        ([0, 10, 20], [0, 50, 150], [10, 20], [5, 10]),
        ([0, 10, 20], [100, 200, 30], [10, 20], [10, 3]),
        ([0, 0, 10], [1, 2, 12], [10], [1]),
        ([5], [7], [], []),
        ([], [], [], []),
    ],
    ids=["steady", "a restart counts from zero", "two samples at once", "one sample", "none"],
)
def test_rates(times_s: list[int], totals: list[float], expected_times_s: list[int], expected: list[float]) -> None:
    times, rates = as_rate(np.array(times_s, np.int64) * S, np.array(totals, np.float64))
    assert (times // S).tolist() == expected_times_s
    assert rates.tolist() == expected


@pytest.mark.parametrize("block", [1, 5, 500_000])
def test_rates_are_the_same_in_whatever_blocks_they_are_computed(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "_BLOCK_SAMPLES", block)
    kinds = ("counter", "gauge", "counter", "counter", "gauge")
    keys = tuple(SeriesKey(f"oven-{place}", "heat", kind, None, ()) for place, kind in enumerate(kinds))
    totals = np.array([0.0, 50, 20, 7, np.nan, 9, 5, 1, 3, np.inf])
    found = SeriesSet(keys, np.array([0, 3, 6, 6, 7, 10]), np.arange(10) * 10 * S, totals)
    rates = as_rates(found)
    assert [values.tolist() for _, _, values in rates] == [[5, 2], [7, 9], [], [], [1, 3]]
    assert (rates.times_us // S).tolist() == [10, 20, 30, 50, 70, 80]


def test_a_set_hands_out_each_series_with_its_samples() -> None:
    keys = tuple(SeriesKey(name, "heat", "gauge", None, (("zone", "b"), ("pod", "a"))) for name in ("x", "y"))
    found = SeriesSet(keys, np.array([0, 2, 3]), np.array([1, 2, 3]), np.array([1.0, 2.0, 3.0]))
    assert [(key.entity, times.tolist(), values.tolist()) for key, times, values in found] == [
        ("x", [1, 2], [1.0, 2.0]),
        ("y", [3], [3.0]),
    ]
    assert len(found) == 2
    assert keys[0].label_text == "zone=b,pod=a"
