"""Whether stated risks come true, and the correction that makes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..fleets.replay import wilson90
from .odds import chance_of, log_odds
from .use import Floats

Bools = npt.NDArray[np.bool_]
DECILES = 10
_PRECISION = np.array([4.0, 10.0])
"""Of the priors: a shift within 1 and a slope within 0.6 of none are likely before anything was seen."""
_ROUNDS = 25


@dataclass(frozen=True)
class Decile:
    """A tenth of the workload-weeks, by rising risk.

    Args:
        stated: mean risk that was stated.
        observed: share that went wrong.
        low: 90 % interval of that share (Wilson).
        high: of the interval.
        n: workload-weeks.
    """

    stated: float
    observed: float
    low: float
    high: float
    n: int

    @property
    def holds(self) -> bool:
        """Whether what was stated lies in the interval of what was observed."""
        return self.low <= self.stated <= self.high


def deciles(stated: Floats, bad: Bools, parts: int = DECILES) -> tuple[Decile, ...]:
    """Stated against observed risk, in parts of equal counts."""
    order = np.argsort(stated, kind="stable")
    return tuple(_decile(stated[one], bad[one]) for one in np.array_split(order, min(parts, len(order))) if len(one))


def _decile(stated: Floats, bad: Bools) -> Decile:
    wrong, n = int(bad.sum()), len(bad)
    return Decile(float(stated.mean()), wrong / n, *wilson90(wrong, n), n)


def by_fold(stated: Floats, bad: Bools, fold: npt.NDArray[np.int64]) -> tuple[Decile, ...]:
    """The same for every fold as a whole."""
    return tuple(_decile(stated[fold == one], bad[fold == one]) for one in np.unique(fold).tolist())


@dataclass(frozen=True)
class Correction:
    """What turns log-odds that were told into ones that came true: a shift and a slope."""

    shift: float = 0.0
    slope: float = 1.0

    def __call__(self, stated: Floats) -> Floats:
        """Risks as corrected; what cannot happen stays so."""
        return np.where(stated > 0, chance_of(self.shift + self.slope * log_odds(stated)), 0.0)


def correction(stated: Floats, bad: Bools) -> Correction:
    """The likeliest correction of what was told so far, held near none at all as long as little was seen.

    Sizes are chosen where odds look best, so what is chosen goes wrong more often than odds say; and fleets change.

    Source: Platt, "Probabilistic outputs for support vector machines", 1999, with normal priors on shift and slope.
    """
    told = stated > 0
    if not told.any():
        return Correction()
    x, y = log_odds(stated[told]), bad[told].astype(np.float64)
    rows, prior = np.stack([np.ones_like(x), x]), np.array([0.0, 1.0])
    found = prior.copy()
    for _ in range(_ROUNDS):
        chance = chance_of(found @ rows)
        slope = rows @ (y - chance) - _PRECISION * (found - prior)
        curve = (rows * (chance * (1 - chance))) @ rows.T + np.diag(_PRECISION)
        found = found + np.clip(np.linalg.solve(curve, slope), -1.0, 1.0)
    return Correction(float(found[0]), float(max(found[1], 0.0)))
