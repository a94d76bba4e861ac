"""When a level changed."""

from __future__ import annotations

import numpy as np
import pytest

from opswarden.tools.steps import first_of_step


@pytest.mark.parametrize("at", [1, 3, 6, 9])
def test_the_step_is_found(at: int) -> None:
    excess = np.where(np.arange(10) >= at, 2.0, 0.0)
    assert first_of_step(np.ones(10), excess) == at
    assert first_of_step(np.ones(10), -excess) == at


def test_a_level_that_was_there_from_the_start_begins_at_once() -> None:
    assert first_of_step(np.ones(10), np.full(10, 2.0)) == 0


@pytest.mark.parametrize("weights", [np.zeros(0), np.zeros(4), np.ones(4)])
def test_nothing_has_no_beginning(weights: np.ndarray) -> None:
    assert first_of_step(weights, np.zeros(len(weights))) is None
