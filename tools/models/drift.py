"""How far a distribution moved from its own past: effect sizes, and a score that knows how restless it is.

Effect sizes are the population stability index, the Kolmogorov-Smirnov distance, the Wasserstein distance in standard
deviations and the move of the mean in standard deviations. None of them is turned into a p-value: with many values
every difference is significant. Their noise is reckoned from blocks of the quiet time.

Sources: that the PSI of two samples is about a chi-squared variable times (1/n + 1/m) is Yurdakul's ("Statistical
properties of population stability index", Western Michigan University, 2018); Fisher's root brings it to the normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BINS = 10
LEAST = 30
"""Values on either side below which a distribution is not compared."""
_SLIGHT = 0.02
"""Two per cent of a standard deviation: less is no move worth a person's time."""
_SMOOTH = 0.5
_BOUND = 1_000.0


@dataclass(frozen=True)
class Sample:
    """Values in blocks of time, counted in the same bins.

    Args:
        counts: (T, K) values per block and bin.
        sums: (T,) their sum per block.
        squares: (T,) the sum of their squares.
    """

    counts: Floats
    sums: Floats
    squares: Floats

    @property
    def size(self) -> float:
        """How many values."""
        return float(self.counts.sum())

    @property
    def mean(self) -> float:
        """NaN if there is no value."""
        return float(self.sums.sum() / self.size) if self.size else math.nan

    @property
    def spread(self) -> float:
        """Standard deviation; NaN if there is no value."""
        if not self.size:
            return math.nan
        return math.sqrt(max(float(self.squares.sum()) / self.size - self.mean**2, 0.0))


@dataclass(frozen=True)
class Drift:
    """How a window differs from the quiet time.

    Args:
        psi: nats, >= 0.
        ks: from 0 to 1, on the bins.
        wasserstein: >= 0, in quiet standard deviations, on the bins.
        mean_move: signed, in quiet standard deviations.
        score: >= 0, in wobbles.
    """

    psi: float
    ks: float
    wasserstein: float
    mean_move: float
    score: float


def drift(quiet: Sample, window: Sample, centres: Floats) -> Drift | None:
    """Compare a window with a quiet time; `None` where one of them holds too few values.

    Args:
        quiet: the quiet time, in blocks.
        window: the window, in any blocks.
        centres: (K,) a typical value of each bin, in quiet standard deviations.
    """
    if quiet.size < LEAST or window.size < LEAST:
        return None
    before, after = quiet.counts.sum(axis=0), window.counts.sum(axis=0)
    spread = quiet.spread
    if not math.isfinite(spread):
        return None
    gap = np.cumsum(after / after.sum() - before / before.sum())
    move = _in_spreads(window.mean - quiet.mean, spread)
    score = max(_mean_score(quiet, window, move, spread), _shape_score(quiet, before, after))
    return Drift(
        psi=psi(before, after),
        ks=float(np.abs(gap).max()),
        wasserstein=float((np.abs(gap)[:-1] * np.maximum(np.diff(centres), 0.0)).sum()),
        mean_move=move,
        score=min(score, _BOUND),
    )


def psi(before: Floats, after: Floats) -> float:
    """Population stability index of two histograms on the same bins; every bin gets half a value more.

    Args:
        before: (K,) counts, not all zero.
        after: (K,) counts, not all zero.
    """
    first = (before + _SMOOTH) / (before.sum() + _SMOOTH * len(before))
    second = (after + _SMOOTH) / (after.sum() + _SMOOTH * len(after))
    return float(((second - first) * np.log(second / first)).sum())


def _mean_score(quiet: Sample, window: Sample, move: float, spread: float) -> float:
    sizes = quiet.counts.sum(axis=1)
    used = sizes >= 2
    wander = 0.0
    if used.sum() >= 3:
        means = quiet.sums[used] / sizes[used]
        moved = np.array([_in_spreads(float(mean) - quiet.mean, spread) for mean in means])
        # What block means scatter beyond what so few values scatter by chance.
        wander = max(float((moved**2).sum() / (used.sum() - 1) - (1 / sizes[used]).mean()), 0.0)
    return abs(move) / math.sqrt(wander + 1 / window.size + 1 / quiet.size + _SLIGHT**2)


def _shape_score(quiet: Sample, before: Floats, after: Floats) -> float:
    freedom = max(int((before + after > 0).sum()) - 1, 1)
    scatter = []
    for block in quiet.counts:
        rest = before - block
        if block.sum() >= LEAST and rest.sum() >= LEAST:
            scatter.append(psi(rest, block) / (1 / block.sum() + 1 / rest.sum()))
    wider = max(float(np.median(scatter)) / freedom, 1.0) if scatter else 1.0
    # The larger of a thousand quiet values' worth of noise: no shape is known better.
    unit = max(1 / before.sum() + 1 / after.sum(), _SLIGHT**2)
    return max(math.sqrt(2 * psi(before, after) / unit / wider) - math.sqrt(2 * freedom - 1), 0.0)


def _in_spreads(difference: float, spread: float) -> float:
    if spread > 0:
        return max(min(difference / spread, _BOUND), -_BOUND)
    return 0.0 if difference == 0 else math.copysign(12.0, difference)
