"""Rate or mix: an overall rate can fall although no segment's rate does, when more comes from segments with low rates.

The split is Kitagawa's ("Components of a difference between two rates", JASA 50, 1955); the phenomenon is Simpson's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .slices import Slices
from .tally import Floats, Tally
from .types import Why

_NOTHING = 0.002
"""Less than a fifth of a point is no change of a rate."""


@dataclass(frozen=True)
class Mix:
    """Overall rates: of the quiet time, of the window, and of the window's mix at quiet rates."""

    before: float
    after: float
    at_old_rates: float
    why: Why
    moved_by: str | None


def mix_of(counts: Tally, rates: Floats, slices: Slices) -> Mix:
    """Split the change of the overall rate into changes of rates and a change of the mix."""
    quiet, window = counts.trials[:, 0].sum(), counts.trials[:, 1].sum()
    before = float(counts.good[:, 0].sum() / quiet) if quiet > 0 else 0.0
    after = float(counts.good[:, 1].sum() / window) if window > 0 else 0.0
    same = float((rates * counts.trials[:, 1]).sum() / window) if window > 0 and quiet > 0 else before
    by_mix, by_rate = same - before, after - same
    if abs(after - before) < _NOTHING:
        # Mix and rates may have moved against each other; the rate that people watch stood still.
        return Mix(before, after, same, "none", None)
    why: Why = "mix" if abs(by_mix) > abs(by_rate) else "rate"
    return Mix(before, after, same, why, _mover(counts, slices, before) if abs(by_mix) >= _NOTHING else None)


def _mover(counts: Tally, slices: Slices, before: float) -> str | None:
    """The value of one dimension whose changed share moved the overall rate most, in words."""
    trials, good = slices.sums(counts.trials), slices.sums(counts.good)
    shares = trials / np.maximum(trials[0], 1.0)
    rate = np.divide(good[:, 0], trials[:, 0], out=np.full(len(slices), before), where=trials[:, 0] > 0)
    moved = np.abs((shares[:, 1] - shares[:, 0]) * (rate - before))
    single = [place for place, conditions in enumerate(slices.conditions) if len(conditions) == 1]
    if not single:
        return None
    best = max(single, key=lambda place: (float(moved[place]), -place))
    name, value = slices.conditions[best][0]
    return f"{name}={value}: {shares[best, 0]:.1%} of attempts before, {shares[best, 1]:.1%} in the window"
