"""Shares against their own past."""

from __future__ import annotations

import numpy as np
import pytest

from opswarden.tools.traces.shares import share_shift, share_wobble, size_of_shift


def shift(before: list[int], of: list[int], after: int, of_after: int) -> float:
    return float(share_shift([before], [after], [of], [of_after])[0])


def test_from_always_to_never_stands_out_even_of_few() -> None:
    assert shift([3, 3, 4], [3, 3, 4], 0, 8) < -4
    assert shift([0, 0, 0], [3, 3, 4], 8, 8) > 4


def test_equal_shares_are_no_step() -> None:
    assert shift([5, 5], [10, 10], 20, 40) == pytest.approx(0)


def test_more_requests_are_surer_of_the_same_step_but_it_is_no_larger() -> None:
    assert shift([50, 50], [100, 100], 90, 100) > shift([5, 5], [10, 10], 9, 10) > 0
    assert size_of_shift(0.5, 0.9) == pytest.approx(0.295, abs=0.01)
    assert size_of_shift([0, 1], [1, 1]).tolist() == [1, 0]


def test_a_share_that_wanders_anyway_counts_less() -> None:
    steady, wandering = [5] * 8, [0, 10] * 4
    assert shift(steady, [10] * 8, 18, 20) > 2 * shift(wandering, [10] * 8, 18, 20) > 0
    wobble = share_wobble([steady, wandering], [[10] * 8] * 2)
    assert wobble[0] == 0
    assert 0.4 < wobble[1] < 0.6


def test_one_exception_among_few_is_no_wandering() -> None:
    assert share_wobble([[0, 17, 18]], [[1, 17, 18]]).tolist() == [0]


def test_without_requests_there_is_no_score() -> None:
    scores = share_shift([[0], [1], [0]], [0, 0, 0], [[0], [1], [0]], [5, 0, 0])
    assert scores.tolist() == [0, 0, 0]
    assert np.isfinite(share_wobble([[0]], [[0]])).all()
