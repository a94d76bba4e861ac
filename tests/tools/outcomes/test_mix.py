"""What moved an overall rate: the rates within segments, who came, or nothing because it stood still."""

from __future__ import annotations

import numpy as np
import pytest

from opswarden.tools.outcomes.mix import mix_of
from opswarden.tools.outcomes.slices import Slices
from opswarden.tools.outcomes.tally import Tally

SLICES = Slices(
    ((), (("country", "AA"),), (("country", "CC"),)), np.array([0, 1, 0, 1]), np.array([0, 2, 3]), complete=True
)


@pytest.mark.parametrize(
    ("quiet", "window", "why"),
    [
        (((100, 0.9), (100, 0.5)), ((100, 0.9), (100, 0.5)), "none"),
        (((100, 0.9), (100, 0.5)), ((100, 0.9), (100, 0.3)), "rate"),
        (((100, 0.9), (100, 0.5)), ((100, 0.9), (400, 0.5)), "mix"),
        # Four times as many from the weak country, which got better just as much.
        (((100, 0.9), (100, 0.5)), ((100, 0.9), (400, 0.65)), "none"),
    ],
)
def test_what_moved_the_rate(
    quiet: tuple[tuple[float, float], ...], window: tuple[tuple[float, float], ...], why: str
) -> None:
    trials = np.array([[before[0], after[0]] for before, after in zip(quiet, window, strict=True)])
    rates = np.array([[before[1], after[1]] for before, after in zip(quiet, window, strict=True)])
    good = trials * rates
    counts = Tally(trials, good, trials[:, :1], good[:, :1], trials[:, 1:], good[:, 1:])
    found = mix_of(counts, rates[:, 0], SLICES)
    assert found.why == why
    assert (found.moved_by is None) == (why in ("none", "rate"))
