"""How often such scores were right here, and when nothing is said."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from opswarden.core.intervals import wilson
from opswarden.evals.scoring.reliability import Point, bin_of, reliability_curve


def points(*parts: tuple[float, int, int]) -> list[Point]:
    """(score, how many were right, how many were not)."""
    return [Point(score, is_right) for score, right, wrong in parts for is_right in (*[True] * right, *[False] * wrong)]


def test_nothing_is_said_before_fifty() -> None:
    assert reliability_curve(points((0.9, 49, 0))) == ()
    assert len(reliability_curve(points((0.9, 50, 0)))) == 1
    assert reliability_curve([Point(math.nan, True)] * 60) == ()


def test_shares_by_score() -> None:
    curve = reliability_curve(points((0.1, 2, 18), (0.5, 10, 10), (0.9, 18, 2)))
    assert [(one.lowest, one.n, one.right) for one in curve] == [(0.1, 20, 2), (0.5, 20, 10), (0.9, 20, 18)]
    assert curve[2].interval == pytest.approx(wilson(18, 20))


def test_what_is_the_wrong_way_round_is_pooled() -> None:
    curve = reliability_curve(points((0.1, 15, 5), (0.5, 5, 15), (0.9, 18, 2)))
    assert [(one.lowest, one.highest, one.n, one.right) for one in curve] == [(0.1, 0.5, 40, 20), (0.9, 0.9, 20, 18)]


def test_equal_scores_are_never_apart() -> None:
    (only,) = reliability_curve(points((0.5, 60, 40)))
    assert (only.n, only.right) == (100, 60)


def test_any_points_give_a_rising_curve_that_counts_everybody() -> None:
    draw = random.Random(7)
    for _ in range(50):
        found = [Point(round(draw.random(), 2), draw.random() < 0.5) for _ in range(draw.randint(50, 140))]
        curve = reliability_curve(found)
        assert sum(one.n for one in curve) == len(found)
        assert all(lower.share < upper.share for lower, upper in itertools.pairwise(curve))
        assert all(lower.highest < upper.lowest for lower, upper in itertools.pairwise(curve))
        assert len(curve) <= 5


def test_a_score_below_all_that_was_seen_borrows_nothing() -> None:
    curve = reliability_curve(points((0.3, 5, 25), (0.9, 28, 2)))
    assert bin_of(curve, 0.2) is None
    assert bin_of(curve, 0.3) == bin_of(curve, 0.8) == curve[0]
    assert bin_of(curve, 7.0) == curve[1]
    assert bin_of((), 0.5) is None
