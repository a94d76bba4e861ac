"""Intervals against published values, and what they must never claim."""

from __future__ import annotations

import pytest

from opswarden.evals.scoring.intervals import bootstrap_mean, wilson

# Computed with the textbook formula by hand; 0/10 and 10/10 are in Brown, Cai and DasGupta (2001).
WILSON = [
    (0, 10, 0.0, 0.2775),
    (10, 10, 0.7225, 1.0),
    (5, 10, 0.2366, 0.7634),
    (1, 1, 0.2065, 1.0),
    (81, 263, 0.2553, 0.3662),
]


@pytest.mark.parametrize(("successes", "n", "low", "high"), WILSON)
def test_wilson_known_values(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_reaches_the_ends_exactly() -> None:
    for n in range(1, 200):
        assert wilson(0, n).low == 0.0
        assert wilson(n, n).high == 1.0


def test_a_higher_confidence_is_wider() -> None:
    assert wilson(5, 10, confidence=0.99).low < wilson(5, 10).low < wilson(5, 10, confidence=0.8).low


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 3), (4, 3)])
def test_wilson_refuses_what_is_no_proportion(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="proportion"):
        wilson(successes, n)


def test_bootstrap_agrees_with_the_normal_interval_of_many_values() -> None:
    values = [0.0, 1.0] * 500
    low, high = bootstrap_mean(values, seed=3)
    # mean 0.5, standard error 0.5 / sqrt(1000) = 0.0158
    assert (low, high) == pytest.approx((0.5 - 1.96 * 0.0158, 0.5 + 1.96 * 0.0158), abs=0.004)


def test_bootstrap_follows_its_seed() -> None:
    values = [place**2 / 900 for place in range(30)]
    assert bootstrap_mean(values, seed=1) == bootstrap_mean(values, seed=1)
    assert bootstrap_mean(values, seed=1) != bootstrap_mean(values, seed=2)


def test_repeats_in_clusters_tell_less_than_as_many_independent_values() -> None:
    values = [0.0] * 10 + [1.0] * 10 + [0.0] * 10 + [1.0] * 10
    clusters = [name for name in "abcd" for _ in range(10)]
    plain, clustered = bootstrap_mean(values, seed=1), bootstrap_mean(values, seed=1, clusters=clusters)
    assert clustered.high - clustered.low > 2 * (plain.high - plain.low)


def test_clusters_weigh_by_their_size() -> None:
    # One cluster only: every resample is the whole, so the interval is the plain mean of all values.
    assert bootstrap_mean([0.0, 1.0, 1.0, 1.0], seed=1, clusters=["a"] * 4) == (0.75, 0.75)


def test_bootstrap_refuses_nothing_and_unequal_lengths() -> None:
    with pytest.raises(ValueError, match="bootstrap"):
        bootstrap_mean([], seed=1)
    with pytest.raises(ValueError, match="bootstrap"):
        bootstrap_mean([1.0, 2.0], seed=1, clusters=["a"])
