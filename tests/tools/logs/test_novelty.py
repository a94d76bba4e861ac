"""How surprising a new kind of line is where new kinds keep coming."""

from __future__ import annotations

import numpy as np
import pytest

from opswarden.tools.logs.novelty import Ints, surprise

QUIET = [3] * 8


def late(count: int) -> list[int]:
    """A kind that came up in the last part of the quiet time."""
    return [0] * 7 + [count]


def found(blocks: list[list[int]], after: list[int], owner: list[int] | None = None) -> list[float]:
    numbers: Ints = np.array(owner or [0] * len(after), np.int64)
    return [float(x) for x in surprise(np.array(blocks, np.int64), np.array(after, np.int64), numbers, 1.0)]


def test_a_new_kind_where_none_came_is_a_surprise() -> None:
    assert found([QUIET, [0] * 8], [3, 5]) == [1.0, 1.0]


def test_where_as_many_come_in_every_part_one_more_is_none() -> None:
    blocks = [*(late(1) for _ in range(4)), [0] * 8]
    assert found(blocks, [0, 0, 0, 0, 1])[-1] == 0.0


def test_more_than_usual_is_partly_a_surprise() -> None:
    blocks = [*(late(1) for _ in range(4)), *([0] * 8 for _ in range(4))]
    assert found(blocks, [0] * 4 + [1] * 4)[-1] == pytest.approx(0.75)


def test_a_frequent_new_kind_is_a_surprise_among_rare_ones() -> None:
    blocks = [*(late(1) for _ in range(4)), [0] * 8]
    assert found(blocks, [0, 0, 0, 0, 50])[-1] == 1.0


def test_every_entity_has_its_own_rate() -> None:
    blocks = [*(late(1) for _ in range(4)), [0] * 8, [0] * 8]
    assert found(blocks, [0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 1])[-2:] == [0.0, 1.0]


def test_kinds_of_the_first_half_do_not_count() -> None:
    blocks = [*([1, *[0] * 7] for _ in range(9)), [0] * 8]
    assert found(blocks, [0] * 9 + [1])[-1] == 1.0


def test_nothing_is_nothing() -> None:
    assert surprise(np.zeros((0, 8), np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), 1.0).shape == (0,)
