"""Counters become rates."""

from __future__ import annotations

import numpy as np
import pytest

from opswarden.tools.metrics.series import SeriesKey, SeriesSet, as_rate

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


def test_a_set_hands_out_each_series_with_its_samples() -> None:
    keys = tuple(SeriesKey(name, "heat", "gauge", None, (("zone", "b"), ("pod", "a"))) for name in ("x", "y"))
    found = SeriesSet(keys, np.array([0, 2, 3]), np.array([1, 2, 3]), np.array([1.0, 2.0, 3.0]))
    assert [(key.entity, times.tolist(), values.tolist()) for key, times, values in found] == [
        ("x", [1, 2], [1.0, 2.0]),
        ("y", [3], [3.0]),
    ]
    assert len(found) == 2
    assert keys[0].label_text == "zone=b,pod=a"
