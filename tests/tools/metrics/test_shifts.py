"""A score as surprising as so many standard deviations: the same for any unit, deaf to noise, sure of its start."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opswarden.tools.metrics.series import SeriesKey, SeriesSet, as_rates
from opswarden.tools.metrics.shifts import Shifts, measure, normal_deviate

Floats = npt.NDArray[np.float64]
MINUTE = 60_000_000
DAY = 1_440 * MINUTE
RNG = np.random.default_rng(5)
NOISE = RNG.normal(0, 1, 4_000)


def series(*rows: tuple[npt.ArrayLike, npt.ArrayLike], kind: str = "gauge") -> SeriesSet:
    """Each row is (minutes, values)."""
    keys = tuple(SeriesKey("oven", f"heat-{place}", kind, None, ()) for place in range(len(rows)))
    bounds = np.concatenate([[0], np.cumsum([len(np.asarray(values)) for _, values in rows])]).astype(np.int64)
    times = np.concatenate([np.asarray(minutes, np.float64) * MINUTE for minutes, _ in rows]).astype(np.int64)
    return SeriesSet(keys, bounds, times, np.concatenate([np.asarray(values, np.float64) for _, values in rows]))


def compared(window: npt.ArrayLike, baseline: npt.ArrayLike, *, whole: bool = False) -> Shifts:
    """A sample a minute; the window starts at minute 0."""
    before, after = np.asarray(baseline, np.float64), np.asarray(window, np.float64)
    found = series((np.arange(-len(before), len(after)), np.concatenate([before, after])))
    return measure(found, 0, len(after) * MINUTE, 0, np.array([whole]))


def score_of(window: npt.ArrayLike, baseline: npt.ArrayLike, *, whole: bool = False) -> float:
    shift = compared(window, baseline, whole=whole)
    return float(shift.score[0] if shift.is_up[0] else -shift.score[0])


@pytest.mark.parametrize(
    ("window", "baseline", "low", "high"),
    [
        (100 + NOISE[:30], 100 + NOISE[100:400], -2, 2),
        (110 + NOISE[:30], 100 + NOISE[100:400], 3, 12),
        (90 + NOISE[:30], 100 + NOISE[100:400], -12, -3),
        (np.full(30, 101.0), np.full(300, 100.0), 0.4, 1),
        (np.full(30, 150.0), np.full(300, 100.0), 6, 12),
        (np.full(30, 1e-9), np.zeros(300), 9, 13),
        (np.zeros(30), np.zeros(300), 0, 0),
        (np.full(30, 1e9), np.full(300, 1.0), 9, 13),
        (np.full(30, 1.7e308), np.full(300, -1.7e308), 8, 13),
        (100 + np.linspace(0, 4, 30), 100 + 4 * np.sin(np.arange(300) / 10), -2, 2),
    ],
    ids=["noise", "rise", "fall", "1 %", "half more", "off zero", "zero", "far", "as far as it goes", "inside a swing"],
)
def test_scores(window: Floats, baseline: Floats, low: float, high: float) -> None:
    assert low <= score_of(window, baseline) <= high


@given(st.floats(1e-12, 1e12), st.integers(0, 50), st.sampled_from([-8.0, -2.0, 0.5, 3.0, 40.0]))
def test_the_unit_does_not_matter(unit: float, seed: int, jump: float) -> None:
    noise = np.random.default_rng(seed).normal(0, 1, 330)
    window, baseline = 100 + jump + noise[:30], 100 + noise[30:]
    assert score_of(window * unit, baseline * unit) == pytest.approx(score_of(window, baseline), rel=1e-6)


@given(st.integers(0, 50), st.floats(0.5, 60))
def test_a_fall_counts_as_much_as_a_rise(seed: int, jump: float) -> None:
    noise = np.random.default_rng(seed).normal(0, 1, 330)
    rise = score_of(jump + noise[:30], noise[30:])
    assert score_of(-jump - noise[:30], -noise[30:]) == pytest.approx(-rise, abs=1e-9)


def test_quiet_series_rarely_stand_out_whatever_their_law() -> None:
    """Of 600 quiet series of each kind few reach three, and none a normal deviate that six hundred would not."""
    rng = np.random.default_rng(8)
    shape = (600, 330)
    walk = rng.normal(0, 1, shape)
    for place in range(1, shape[1]):
        walk[:, place] += 0.8 * walk[:, place - 1]
    laws = {
        "normal": rng.normal(0, 1, shape),
        "heavy": rng.standard_t(3, shape),
        "skewed": rng.lognormal(0, 1, shape),
        "slow": walk,
        "mostly zero": (rng.random(shape) < 0.05) * rng.random(shape),
        "counts": rng.poisson(0.7, shape).astype(float),
    }
    minutes = np.arange(-300, 30)
    for name, rows in laws.items():
        score = measure(series(*((minutes, row) for row in rows)), 0, 30 * MINUTE, 0).score
        assert np.mean(score > 3) < 0.01, name
        assert score.max() < 5, name


def test_a_short_spike_counts_less_than_a_new_level() -> None:
    baseline, spike = 100 + NOISE[100:400], 100 + NOISE[:30]
    spike[10:15] += 20
    assert 0 < score_of(spike, baseline) < score_of(120 + NOISE[:30], baseline)


@pytest.mark.parametrize("late_minutes", [-2.0, -1.0, 1.0, 2.0])
@pytest.mark.parametrize(("step", "before", "after"), [(0.1, 60, 5), (1, 30, 4), (1, 300, 30), (0.5, 120, 20)])
def test_the_start_need_not_be_exact(late_minutes: float, step: float, before: float, after: float) -> None:
    """The strongest of several series stays the strongest, and stands out as clearly."""
    minutes = np.arange(-before, after, step)
    noise = np.random.default_rng(3).normal(0, 1, (4, len(minutes)))
    jumps = np.array([0.0, 30.0, 8.0, -12.0])[:, None] * (minutes >= 0)
    found = series(*((minutes, row) for row in 100 + noise + jumps))
    start = round(late_minutes * MINUTE)
    exact = measure(found, 0, round(after * MINUTE), 0).score
    moved = measure(found, start, round(after * MINUTE), start).score
    assert np.argsort(moved).tolist() == np.argsort(exact).tolist()
    assert moved[1] > 0.75 * exact[1]
    assert moved[0] < 3


def test_a_daily_rhythm_is_compared_with_the_same_hours_of_earlier_days() -> None:
    minutes = np.arange(-3 * 1_440, 45, 5.0)
    busy = 100 + 60 * np.exp(-0.5 * (((minutes + 720) % 1_440 - 720) / 45) ** 2)  # a peak in the hour of the window
    noise = np.random.default_rng(2).normal(0, 1, len(minutes))
    usual, broken = busy + noise, busy + noise + 40 * (minutes >= 0)
    calm = 100 + noise + 60 * (minutes >= 0)  # the same level, without any rhythm to foretell it
    score = measure(series((minutes, usual), (minutes, broken), (minutes, calm)), 0, 45 * MINUTE, 0).score
    assert score[0] < 3
    assert score[1] > 4
    assert score[2] > 4


def test_a_steady_trend_goes_on_and_only_a_break_of_it_stands_out() -> None:
    minutes = np.arange(-300, 30)
    noise = np.random.default_rng(2).normal(0, 0.3, len(minutes))
    trend = 50 + minutes * 0.2 + noise
    score = measure(series((minutes, trend), (minutes, trend + 15 * (minutes >= 0))), 0, 30 * MINUTE, 0).score
    assert score[0] < 2
    assert score[1] > 5


@pytest.mark.parametrize("jump", [-30.0, 30.0])
def test_five_samples_on_either_side_are_enough(jump: float) -> None:
    assert score_of(100 + jump + NOISE[:5], 100 + NOISE[10:15]) * np.sign(jump) > 3
    assert abs(score_of(100 + NOISE[:5], 100 + NOISE[10:15])) < 2


def test_one_odd_sample_after_a_constant_past_is_no_news_and_a_new_constant_is() -> None:
    past = np.full(15, 0.005)
    assert score_of([0.005, 0.05, 0.005, 0.005], past) < 2
    assert score_of([0.05, 0.05, 0.05, 0.05], past) > 3
    assert score_of(np.full(30, 0.05), np.full(300, 0.005)) > score_of(np.full(4, 0.05), past)


def test_an_availability_that_is_usually_whole_is_measured_by_what_it_lacks() -> None:
    baseline = np.full(500, 100.0)
    baseline[[40, 200, 333]] = 98.5
    assert score_of([96.8, 95.0, 96.0, 95.5], baseline, whole=True) < -4
    assert abs(score_of([96.8, 95.0, 96.0, 95.5], baseline)) < 3


@pytest.mark.parametrize(
    ("window", "baseline"),
    [([], np.ones(10)), (np.ones(3), np.ones(3)), (np.ones(3), []), ([], [])],
)
def test_too_little_to_compare_is_no_score(window: npt.ArrayLike, baseline: npt.ArrayLike) -> None:
    assert np.isnan(compared(window, baseline).score[0])


def test_no_series_is_no_shift() -> None:
    nothing = SeriesSet((), np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0))
    assert len(measure(as_rates(nothing), 0, MINUTE, 0).score) == 0


def test_the_onset_is_the_first_of_two_samples_outside() -> None:
    window = np.full(10, 100.0)
    window[1] = 200
    window[4:] = 200
    shift = compared(window, 100 + NOISE[100:400])
    assert shift.onset_us[0] == 4 * MINUTE
    assert (round(shift.before[0]), round(shift.after[0])) == (100, 200)


def test_an_onset_before_a_late_start_is_seen() -> None:
    minutes = np.arange(-300, 30)
    found = series((minutes, 100 + NOISE[:330] + 50 * (minutes >= -2)))
    assert measure(found, 0, 30 * MINUTE, 0).onset_us[0] == -2 * MINUTE


def test_what_stays_in_its_range_has_no_onset() -> None:
    assert compared(100 + NOISE[:30] / 2, 100 + NOISE[100:400]).onset_us[0] == 0


def test_gaps_infinities_and_resets_change_nothing() -> None:
    minutes = np.arange(-300, 30)
    rate = np.where(minutes >= 0, 5.0, 2.0) + NOISE[:330] * 0.1
    totals = np.cumsum(rate * 60)
    totals[minutes >= -100] -= totals[minutes == -101]  # a restart
    totals[20] = np.nan
    totals[50] = np.inf
    kept = np.ones(330, np.bool_)
    kept[100:160] = False
    counter = measure(as_rates(series((minutes[kept], totals[kept]), kind="counter")), 0, 30 * MINUTE, 0)
    gauge = measure(series((minutes, rate)), 0, 30 * MINUTE, 0)
    assert counter.score[0] == pytest.approx(gauge.score[0], rel=0.15)
    assert counter.after[0] == pytest.approx(5, rel=0.05)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 12)), min_size=1, max_size=8), st.integers(0, 9))
def test_each_series_is_measured_as_if_it_were_alone(sizes: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        (np.arange(-before, after), rng.normal(0, 1, before + after) + 9 * (np.arange(-before, after) >= 0))
        for before, after in sizes
    ]
    together = measure(series(*rows), 0, 12 * MINUTE, 0)
    for place, row in enumerate(rows):
        alone = measure(series(row), 0, 12 * MINUTE, 0)
        assert together.score[place] == pytest.approx(alone.score[0], nan_ok=True)
        assert together.samples[place] == alone.samples[0]


def test_wandering_series_of_other_lengths_beside_it_change_nothing() -> None:
    rng = np.random.default_rng(5)
    rows = [
        (np.arange(-before, after), np.cumsum(rng.normal(0, 1, before + after)))
        for before, after in rng.integers((150, 9), (180, 13), (40, 2))
    ]
    together = measure(series(*rows), 0, 13 * MINUTE, 0)
    alone = [measure(series(row), 0, 13 * MINUTE, 0).score[0] for row in rows]
    assert together.score.tolist() == pytest.approx(alone)


def test_the_normal_deviate_of_students_law() -> None:
    """Against exact tails: t = 2.764 and 4.144 are exceeded by 1 % and 0.1 % at ten degrees; z = 2.326 and 3.090."""
    found = normal_deviate(np.array([0.0, 2.764, 4.144]), np.full(3, 10.0))
    assert found == pytest.approx([0, 2.326, 3.090], abs=0.02)
