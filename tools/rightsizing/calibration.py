"""Whether stated risks come true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..fleets.replay import wilson90
from .use import Floats

Bools = npt.NDArray[np.bool_]
DECILES = 10


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
class Foretold:
    """One week as a whole.

    Args:
        low: 90 % interval of the share that goes wrong as it was stated before the week, with how far weeks differ.
        high: of the interval.
        observed: the share that went wrong.
    """

    low: float
    high: float
    observed: float

    @property
    def holds(self) -> bool:
        """Whether it came as foretold."""
        return self.low <= self.observed <= self.high
