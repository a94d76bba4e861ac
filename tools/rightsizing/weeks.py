"""The weeks that a backtest judges, and what a set of sizes came to in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .features import size_on
from .odds import LEAST_DAYS, Past
from .use import Floats, is_above

Ints = npt.NDArray[np.int64]
CRITERIA = ("bad", "over 1 %", "bad, by size", "over 1 %, by size")
"""Shares of workload-weeks: bad ones; those with more than 1 % of the time above; both weighted by reserved size."""
EQUAL = (0, 1, 2)
"""The criteria at which savings are compared."""


@dataclass(frozen=True)
class Weeks:
    """Workload-weeks, n of them, fold by fold.

    Args:
        days: on which folds begin.
        fold: place in `days`, (n,).
        workload: place in the names, (n,).
        reserved: on that day, (n,).
        hard: the size with which the week would not have been bad, (n,).
        soft: the one with which at most 1 % of the time would have been above, (n,).
        seen: the largest value of the four weeks before, (n,).
    """

    days: tuple[int, ...]
    fold: Ints
    workload: Ints
    reserved: Floats
    hard: Floats
    soft: Floats
    seen: Floats

    def __len__(self) -> int:
        return len(self.fold)

    def only(self, kept: npt.NDArray[np.bool_]) -> Weeks:
        """Some of them."""
        return Weeks(
            self.days,
            self.fold[kept],
            self.workload[kept],
            self.reserved[kept],
            self.hard[kept],
            self.soft[kept],
            self.seen[kept],
        )


@dataclass(frozen=True)
class Outcome:
    """What sizes came to.

    Args:
        saved: share of what was reserved.
        risks: as `CRITERIA`.
        below_peak: share of sizes that are a cut, and below a peak of the four weeks before.
        overrun: median of need over size where the week was bad; NaN without one.
    """

    saved: float
    risks: tuple[float, float, float, float]
    below_peak: float
    overrun: float


def fold_days(days: int, most: int | None = None) -> tuple[int, ...]:
    """Where weekly folds begin: whole weeks up to the end, four weeks of history before the first where there are.

    With a shorter history, three weeks: two to look back on and one to learn from.
    """
    every = tuple(range(days - 7, LEAST_DAYS + 6, -7))[::-1]
    later = tuple(day for day in every if day >= 28) or every
    return later if most is None else later[-most:]


def weeks_of(past: Past, days: Sequence[int]) -> Weeks:
    """Every workload-week of the folds that has history enough, a size, and a week after it that was watched."""
    parts = [_week(past, fold, day) for fold, day in enumerate(days)]
    places = [np.concatenate([part[column] for part in parts]).astype(np.int64) for column in range(2)]
    numbers = [np.concatenate([part[column] for part in parts]).astype(np.float64) for column in range(2, 6)]
    return Weeks(tuple(days), places[0], places[1], numbers[0], numbers[1], numbers[2], numbers[3])


def _week(past: Past, fold: int, day: int) -> tuple[npt.NDArray[np.generic], ...]:
    here = np.flatnonzero(past.is_judged(day))
    after = past.next(day)
    with np.errstate(invalid="ignore"):
        seen = np.fmax.reduce(past.use.most[here, max(day - 28, 0) : day], axis=1)
    return np.full(len(here), fold), here, size_on(past.use, day)[here], after.hard[here], after.soft[here], seen


def outcome(weeks: Weeks, sizes: Floats) -> Outcome:
    """What sizes came to, one per workload-week."""
    bad = is_above(weeks.hard, sizes)
    risks = risks_of(weeks, sizes[None], np.ones((1, len(weeks))))[0][:, 0, 0]
    over = weeks.hard[bad] / np.maximum(sizes[bad], 1e-12)
    return Outcome(
        saved=float(1 - sizes.sum() / weeks.reserved.sum()),
        risks=(float(risks[0]), float(risks[1]), float(risks[2]), float(risks[3])),
        below_peak=float((is_above(weeks.seen, sizes) & is_above(weeks.reserved, sizes)).mean()),
        overrun=float(np.median(over)) if len(over) else float("nan"),
    )


def risks_of(weeks: Weeks, sizes: Floats, counted: Floats) -> tuple[Floats, Floats]:
    """The criteria, (4, S, B), and the share saved, (S, B), of S sets of sizes (S, n) in B weightings (B, n)."""
    bad = is_above(weeks.hard, sizes).astype(np.float64)
    over = is_above(weeks.soft, sizes).astype(np.float64)
    by_size = counted * weeks.reserved
    n, total = counted.sum(axis=1), by_size.sum(axis=1)
    risks = np.stack([bad @ counted.T / n, over @ counted.T / n, bad @ by_size.T / total, over @ by_size.T / total])
    return risks, np.asarray(1 - (sizes @ counted.T) / total, np.float64)


def resampled(weeks: Weeks, times: int, seed: int) -> Floats:
    """How often each workload-week counts when workloads are drawn with replacement, (times, n)."""
    rng = np.random.default_rng(seed)
    names, place = np.unique(weeks.workload, return_inverse=True)
    drawn = rng.integers(0, len(names), (times, len(names)))
    counts = np.stack([np.bincount(one, minlength=len(names)) for one in drawn])
    return counts[:, place].astype(np.float64)
