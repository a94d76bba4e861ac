"""The beginning is the same whichever minute near it was told, and nobody makes one up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from opswarden.tools.metrics.backends.snapshot import SnapshotMetrics
from opswarden.tools.metrics.onset import Onset, common_onset
from opswarden.tools.metrics.onset_tool import onset_tool
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import Output

from .conformance import sample
from .test_shifts import MINUTE, Floats, series

Call = Callable[..., Output[Any]]
SECOND = MINUTE // 60


def platform(moved: int, calm: int, *, jump: float = 30.0, at_s: int = 10, minutes: int = 6, seed: int = 3) -> Any:
    """Series of a sample a minute, each at another second; some of them jump `at_s` after minute 0."""
    noise = np.random.default_rng(seed).normal(0, 1, (moved + calm, 200))
    rows = []
    for place in range(moved + calm):
        times = np.arange(-40, minutes) + (place * 7 % 60) / 60
        values = 100 + noise[place, : len(times)] + np.where(times * 60 >= at_s, jump, 0) * (place < moved)
        rows.append((times, values))
    return series(*rows)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_beginning_does_not_depend_on_the_told_start(seed: int) -> None:
    found = platform(8, 30, seed=seed)
    told = [common_onset(found, second * SECOND, 6 * MINUTE) for second in (-120, -75, 0, 60, 120)]
    assert len(set(told)) == 1
    assert abs(told[0].at_us - 10 * SECOND) <= 20 * SECOND
    assert told[0].series >= 7


@pytest.mark.parametrize("factor", [1e-9, 1e6, -1.0])
def test_no_unit_matters(factor: float) -> None:
    found, same = platform(5, 5), platform(5, 5)
    scaled = type(same)(same.keys, same.bounds, same.times_us, same.values * factor)
    assert common_onset(scaled, MINUTE, 6 * MINUTE) == common_onset(found, MINUTE, 6 * MINUTE)


def ramp(steps: Floats) -> Any:
    return series(*[(np.arange(-40, 60), 100 + np.tile([0, 1], 50) + steps) for _ in range(6)])


@pytest.mark.parametrize(
    "found",
    [
        series((np.array([]), np.array([]))),
        platform(0, 20),
        platform(6, 0, at_s=-1_800),
        ramp(np.zeros(100)),
        ramp(np.where(np.arange(-40, 60) >= 30, 50, 0)),
        series((np.arange(-2, 6), np.arange(8))),
        series((np.arange(-40, 6), np.zeros(46))),
        series((np.arange(-40, 1), np.where(np.arange(-40, 1) == 0, 1e9, 0))),
    ],
    ids=["empty", "quiet", "long ago", "steady", "later than it may be", "few", "zero", "one sample"],
)
@pytest.mark.filterwarnings("error")
def test_without_a_common_beginning_the_told_start_stays(found: Any) -> None:
    assert common_onset(found, 0, 6 * MINUTE if len(found) < 6 else 60 * MINUTE) == Onset(0, 0)


@pytest.mark.filterwarnings("error")
def test_the_largest_numbers_and_off_zero_are_borne() -> None:
    times = np.arange(-40, 6)
    found = series((times, np.where(times >= 1, 1.7e308, -1.7e308)), (times, np.where(times >= 1, 1e-300, 0.0)))
    assert common_onset(found, 0, 6 * MINUTE).at_us == 1


def test_one_spike_is_no_beginning() -> None:
    calm = np.random.default_rng(0).normal(0, 1, (5, 46))
    times = np.arange(-40, 6)
    found = series(*[(times, 100 + row + np.where(times == 2, 60, 0)) for row in calm])
    assert common_onset(found, 0, 6 * MINUTE) == Onset(0, 0)


@pytest.mark.parametrize("off", [-2, 2])
def test_the_tool_gives_the_windows_to_compare(
    call: Call, make_store: Callable[..., SnapshotStore], start: datetime, off: int
) -> None:
    minute = timedelta(minutes=1)
    rows = [
        sample(start + place * minute, 100 + (place * 37 % 11) / 5 + (40 if place >= 0 else 0), name)
        for name in ("oven", "mill", "shop")
        for place in range(-120, 15)
    ]
    tools = (onset_tool(SnapshotMetrics(make_store(metrics=rows))),)
    told = start + off * minute
    given = {"start": told, "end": start + 15 * minute, "baseline_start": start - 120 * minute, "baseline_end": told}
    found = call(tools, "metrics.onset", **given).summary
    assert start - minute < found.start <= start
    assert (found.began, found.baseline_end, found.told) == (found.start, found.start, told)
    assert found.series_moved == 3
    apart = call(tools, "metrics.onset", **{**given, "baseline_end": start - 60 * minute}).summary
    assert apart.baseline_end == start - 60 * minute, "a quiet time that ended long before stays as it is"
