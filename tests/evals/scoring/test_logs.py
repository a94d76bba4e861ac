"""Groups of lines against labels."""

from __future__ import annotations

import pytest

from opswarden.evals.scoring.logs import broken_labels, score_groups


def test_a_group_is_right_if_it_is_exactly_one_label() -> None:
    assert score_groups([7, 7, 8], ["a", "a", "b"]) == {"ga": 1.0, "fga": 1.0, "pga": 1.0, "rga": 1.0}


def test_a_label_in_two_groups_is_wrong_with_all_its_lines() -> None:
    found = score_groups([1, 2, 3, 3], ["a", "a", "b", "b"])
    assert found == {"ga": 0.5, "fga": pytest.approx(0.4), "pga": pytest.approx(1 / 3), "rga": 0.5}


def test_two_labels_in_one_group_are_both_wrong() -> None:
    assert score_groups([1, 1, 1, 2], ["a", "a", "b", "c"])["ga"] == 0.25


def test_what_cannot_be_scored_is_refused() -> None:
    with pytest.raises(ValueError, match="lines"):
        score_groups([], [])
    with pytest.raises(ValueError, match="label for each"):
        score_groups([1], ["a", "b"])


def test_broken_labels_are_told_with_what_their_lines_got() -> None:
    rows = broken_labels([0, 1, 2, 2], ["a", "a", "b", "b"], ["x", "y", "z"])
    assert rows == [{"label": "a", "lines": 2, "templates": ["x", "y"]}]
    assert broken_labels([0, 0], ["a", "b"], ["x"])[0]["templates"] == ["x"]
