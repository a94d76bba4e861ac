"""Tests of paired values, against what can be counted by hand."""

from __future__ import annotations

import itertools

import pytest

from opswarden.evals.scoring.pairs import holm, sign_flip_test, sign_test


def test_changes_of_one_size_are_a_sign_test() -> None:
    assert sign_flip_test([1.0] * 7 + [-1.0] * 2 + [0.0] * 5, seed=0) == pytest.approx(sign_test(7, 2))


def test_every_sign_is_tried() -> None:
    changes = [0.3, -0.1, 0.25, 0.4]
    sums = [abs(sum(map(float.__mul__, signs, changes))) for signs in itertools.product((1.0, -1.0), repeat=4)]
    assert sign_flip_test(changes, seed=0) == pytest.approx(sum(found >= 0.85 - 1e-9 for found in sums) / 16)


def test_many_changes_are_drawn_and_never_certain() -> None:
    found = sign_flip_test([0.1] * 40, seed=1)
    assert 0 < found < 0.001
    assert found == sign_flip_test([0.1] * 40, seed=1)
    assert sign_flip_test([0.1, -0.1] * 20, seed=1) == 1.0


def test_clusters_turn_together() -> None:
    assert sign_flip_test([1.0] * 12, seed=0, clusters=["a"] * 6 + ["b"] * 6) == 0.5
    assert sign_flip_test([1.0, -1.0], seed=0, clusters=["a", "a"]) == 1.0


def test_nothing_changed_is_no_evidence() -> None:
    assert sign_flip_test([0.0] * 9, seed=0) == 1.0
    assert sign_flip_test([], seed=0) == 1.0


def test_holm_by_hand() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}
