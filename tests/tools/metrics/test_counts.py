"""Counts against their own past: significance tempered by how much they usually wander."""

from __future__ import annotations

import numpy as np
import pytest

from opswarden.tools.metrics.counts import count_shift

EIGHT = np.full(8, 900.0)


def score(blocks: list[int], after: int, exposure_after: float = 900.0) -> float:
    return float(count_shift([blocks], [after], EIGHT, exposure_after)[0])


@pytest.mark.parametrize(
    ("blocks", "after", "low", "high"),
    [
        ([0] * 8, 0, 0, 0),
        ([5] * 8, 5, 0, 0),
        ([0] * 8, 1, 1.5, 3),
        ([0] * 8, 10, 5, 10),
        ([1_000] * 8, 1_200, 0.5, 1.5),
        ([1_000] * 8, 3_000, 6, 12),
        ([1_000] * 8, 0, -12, -3),
        ([0] * 7 + [800], 800, 0.5, 2.9),
        ([100] * 8, 800, 10, 40),
        ([1] * 8, 0, -2, -0.5),
    ],
    ids=["nothing", "same", "one new", "ten new", "a fifth more", "tripled", "gone", "bursty", "not bursty", "rare"],
)
def test_scores(blocks: list[int], after: int, low: float, high: float) -> None:
    assert low <= score(blocks, after) <= high


def test_a_longer_quiet_time_makes_a_new_count_more_telling() -> None:
    assert score([0] * 8, 3, exposure_after=9.0) > score([0] * 8, 3, exposure_after=900.0) > 3


def test_what_only_noise_moved_rarely_stands_out() -> None:
    rng = np.random.default_rng(3)
    scores = count_shift(rng.poisson(5, (20_000, 8)), rng.poisson(5, 20_000), np.ones(8), 1.0)
    assert 0.7 < scores.std() < 1.2
    assert (np.abs(scores) >= 3).mean() < 0.005


def test_no_exposure_is_no_score() -> None:
    assert count_shift([[0, 0]], [5], [0.0, 0.0], 10.0).tolist() == [0.0]
    assert count_shift([[5, 5]], [0], [1.0, 1.0], 0.0).tolist() == [0.0]


def test_exposure_may_differ_by_row_and_block() -> None:
    calls = np.array([[100.0, 0.0], [100.0, 100.0]])
    errors = np.array([[1, 0], [1, 1]])
    scores = count_shift(errors, [50, 1], calls, [100.0, 100.0])
    assert scores[0] > 5
    assert abs(scores[1]) < 1e-6


def test_scores_are_bounded() -> None:
    assert count_shift([[0] * 8], [10**12], EIGHT, 1.0).tolist() == [1_000.0]
