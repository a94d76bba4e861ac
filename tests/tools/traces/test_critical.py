"""What an answer waited for."""

from __future__ import annotations

import numpy as np

from opswarden.tools.traces.critical import critical_self_us
from opswarden.tools.traces.forest import plant

from .trees import forest, row, table


def own(*rows: dict[str, object]) -> list[int]:
    found: list[int] = critical_self_us(forest(*rows)).tolist()
    return found


def test_one_after_the_other() -> None:
    assert own(row(0, 100), row(10, 30, 0), row(40, 90, 0), row(50, 60, 2)) == [30, 20, 40, 10]


def test_of_parallel_children_the_last_to_finish_counts() -> None:
    assert own(row(0, 100), row(10, 60, 0), row(10, 90, 0), row(20, 30, 1)) == [20, 0, 80, 0]


def test_a_child_that_had_ended_before_the_last_one_began_counts_too() -> None:
    assert own(row(0, 100), row(0, 40, 0), row(30, 45, 0), row(50, 100, 0)) == [35, 0, 15, 50]


def test_a_child_that_goes_on_after_its_parent_was_not_waited_for() -> None:
    assert own(row(0, 100), row(90, 500, 0), row(10, 50, 0)) == [60, 0, 40]


def test_a_child_that_ends_a_little_late_is_clipped() -> None:
    assert own(row(0, 100), row(20, 110, 0)) == [20, 80]


def test_a_child_with_a_wrong_clock_is_set_right_first() -> None:
    assert own(row(1_000, 1_100), row(0, 80, 0)) == [20, 80]


def test_without_a_duration_nobody_waits() -> None:
    assert own(row(0, 100), row(50, 50, 0), row(0, 0)) == [100, 0, 0]


def test_every_microsecond_of_a_root_belongs_to_one_span() -> None:
    random = np.random.default_rng(5)
    rows = [row(0, 10_000)]
    for place in range(1, 400):
        above = int(random.integers(0, place))
        begin, end = sorted(random.integers(0, 12_000, 2).tolist())
        rows.append(row(begin, end, above))
    found = plant(table(rows))
    times = critical_self_us(found)
    assert times.min() >= 0
    assert times.sum() == 10_000


def test_nothing_has_no_path() -> None:
    assert critical_self_us(plant(table([]))).tolist() == []
