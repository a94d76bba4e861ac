"""Counts of which only mean and variance are known, as a negative binomial distribution: Poisson, and wider."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

_WIDTHS = 12.0
_MANY = 2_000_000


@dataclass(frozen=True)
class Spread:
    """A count.

    Args:
        mean: at least 0.
        variance: that of a Poisson count if it is smaller.
    """

    mean: float
    variance: float

    def at_least(self, count: float) -> float:
        """Probability of this many or more."""
        least = math.ceil(count)
        if least <= 0:
            return 1.0
        below = self._below
        return max(1.0 - float(below[least - 1]), 0.0) if least <= len(below) else 0.0

    def quantile(self, level: float) -> int:
        """The smallest count up to which at least this share lies."""
        return min(int(np.searchsorted(self._below, level)), len(self._below) - 1)

    @cached_property
    def _below(self) -> npt.NDArray[np.float64]:
        """Cumulative probabilities from zero to far beyond the mean."""
        mean = max(self.mean, 1e-9)
        variance = max(self.variance, mean)
        most = min(int(mean + _WIDTHS * math.sqrt(variance) + 20), _MANY)
        counts = np.arange(1, most + 1, dtype=np.float64)
        excess = variance - mean
        if excess <= 1e-9 * mean:
            steps, first = np.log(mean) - np.log(counts), -mean
        else:
            size = mean * mean / excess
            share = mean / (size + mean)
            steps, first = np.log((counts - 1 + size) / counts) + math.log(share), size * math.log1p(-share)
        logs = np.concatenate([[first], first + np.cumsum(steps)])
        below = np.cumsum(np.exp(logs))
        found: npt.NDArray[np.float64] = below / max(float(below[-1]), 1e-300) if below[-1] > 0 else below
        return found
