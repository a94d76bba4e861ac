"""Trees out of spans that real tracers get wrong."""

from __future__ import annotations

import pytest

from opswarden.tools.traces import forest as planting
from opswarden.tools.traces.forest import plant

from .trees import forest, row, table


def test_children_stand_below_their_parents_in_whatever_order() -> None:
    found = forest(row(10, 20, 2), row(12, 15, 0), row(0, 100))
    assert found.level.tolist() == [1, 2, 0]
    assert [level.tolist() for level in found.levels] == [[2], [0], [1]]
    assert (found.cut, found.orphans, int(found.skewed.sum())) == (0, 0, 0)


def test_nothing_is_an_empty_forest() -> None:
    found = plant(table([]))
    assert (len(found), found.levels, found.entities) == (0, (), ())


def test_spans_that_are_their_own_parent_or_name_one_beyond_the_table_are_roots() -> None:
    found = forest(row(0, 10, 0), row(0, 10, 99), row(0, 10, -7))
    assert found.parent.tolist() == [-1, -1, -1]
    assert found.cut == 0


def test_a_circle_is_cut_and_nothing_gets_lost() -> None:
    found = forest(row(0, 10), row(20, 30, 3), row(21, 22, 1), row(22, 25, 2))
    assert found.cut == 1
    assert found.parent.tolist() == [-1, -1, 1, 2]
    assert sum(len(level) for level in found.levels) == 4


def test_two_circles_are_both_cut() -> None:
    found = forest(row(0, 9, 1), row(1, 9, 0), row(2, 9, 3), row(3, 9, 2))
    assert found.cut == 2
    assert found.level.tolist() == [0, 1, 0, 1]


def test_what_nests_too_deep_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planting, "MAX_DEPTH", 4)
    found = forest(row(0, 100), *(row(0, 100, place) for place in range(9)))
    assert found.cut == 2
    assert int(found.level.max()) == 3
    assert sum(len(level) for level in found.levels) == 10


def test_a_child_before_its_parent_is_moved_into_its_middle_with_all_below_it() -> None:
    found = forest(row(100, 200), row(20, 80, 0, "mill"), row(30, 40, 1, "mill"))
    assert found.begin_us.tolist() == [100, 120, 130]
    assert found.end_us.tolist() == [200, 180, 140]
    assert found.skewed.tolist() == [False, True, True]


def test_a_child_before_its_parent_that_does_not_fit_begins_with_it() -> None:
    found = forest(row(100, 200), row(20, 220, 0, "mill"))
    assert (found.begin_us[1], found.end_us[1]) == (100, 300)


def test_a_child_that_ends_after_its_parent_stays_where_it_is() -> None:
    found = forest(row(100, 200), row(150, 900, 0, "mill"))
    assert (found.begin_us[1], found.end_us[1], bool(found.skewed[1])) == (150, 900, False)


def test_an_end_before_the_begin_is_no_duration() -> None:
    assert forest(row(100, 50)).duration_us.tolist() == [0]
