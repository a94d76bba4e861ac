"""A score in usual wobbles: the same for any unit, deaf to noise, bounded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from opswarden.tools.metrics.shifts import measure

Floats = npt.NDArray[np.float64]
MINUTE = 60_000_000
RNG = np.random.default_rng(5)
NOISE = RNG.normal(0, 1, 400)


def score_of(window: Floats, baseline: Floats) -> float:
    shift = measure(np.arange(len(window)) * MINUTE, window, baseline)
    assert shift is not None
    return shift.score if shift.direction == "up" else -shift.score


@pytest.mark.parametrize(
    ("window", "baseline", "low", "high"),
    [
        (100 + NOISE[:30], 100 + NOISE[100:], -2, 2),
        (110 + NOISE[:30], 100 + NOISE[100:], 4, 12),
        (90 + NOISE[:30], 100 + NOISE[100:], -12, -4),
        (np.full(30, 101.0), np.full(300, 100.0), 0.4, 1),
        (np.full(30, 150.0), np.full(300, 100.0), 20, 30),
        (np.full(30, 1e-9), np.zeros(300), 12, 12),
        (np.zeros(30), np.zeros(300), 0, 0),
        (np.full(30, 1e9), np.full(300, 1.0), 1_000, 1_000),
        (100 + np.linspace(0, 4, 30), 100 + 4 * np.sin(np.arange(300) / 10), -2, 2),
    ],
    ids=["noise", "rise", "fall", "one per cent", "half more", "off zero", "zero", "ceiling", "inside a swing"],
)
def test_scores(window: Floats, baseline: Floats, low: float, high: float) -> None:
    assert low <= score_of(window, baseline) <= high


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1e6])
def test_the_unit_does_not_matter(unit: float) -> None:
    window, baseline = 105 + NOISE[:30], 100 + NOISE[100:]
    assert score_of(window * unit, baseline * unit) == pytest.approx(score_of(window, baseline))


def test_a_short_spike_counts_less_than_a_new_level() -> None:
    baseline, spike = 100 + NOISE[100:], 100 + NOISE[:30]
    spike[10:15] += 20
    assert 0 < score_of(spike, baseline) < score_of(120 + NOISE[:30], baseline)


def test_too_little_to_compare_is_no_score() -> None:
    assert measure(np.arange(0), np.zeros(0), np.ones(10)) is None
    assert measure(np.arange(3), np.ones(3), np.ones(3)) is None


def test_the_onset_is_the_first_of_two_samples_outside() -> None:
    window = np.full(10, 100.0)
    window[1] = 200
    window[4:] = 200
    shift = measure(np.arange(10) * MINUTE, window, 100 + NOISE[100:])
    assert shift is not None
    assert shift.onset_us == 4 * MINUTE
    assert (round(shift.before), round(shift.after)) == (100, 200)


def test_what_stays_in_its_range_has_no_onset() -> None:
    shift = measure(np.arange(30) * MINUTE, 100 + NOISE[:30] / 2, 100 + NOISE[100:])
    assert shift is not None
    assert shift.onset_us is None
