"""How far a feature moved: effect sizes first, and the p-value that goes with so many rows and features.

With many rows every difference is significant, so nothing is decided by a p-value; it is shown because people ask.
Sources: the population stability index as Siddiqi has it ("Credit Risk Scorecards", 2006); the normal approximation of
the chi-squared distribution is Wilson and Hilferty's (1931); the correction for many features is Holm's (1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .rows import Codes, Floats

_SMOOTH = 0.5
_LEAST_EXPECTED = 5.0


@dataclass(frozen=True)
class Effect:
    """How far one distribution lies from another.

    Args:
        psi: population stability index in nats, >= 0.
        distance: the largest difference of cumulative shares (Kolmogorov-Smirnov) of numbers, of shares in all (total
            variation) of words; 0 to 1.
        p: of a chi-squared test on the bins, not corrected.
        nulls_before: share of nulls, 0 to 1.
        nulls_after: the same of the window.
    """

    psi: float
    distance: float
    p: float
    nulls_before: float
    nulls_after: float


def effect(before: Codes, after: Codes, *, is_ordered: bool) -> Effect:
    """Compare two histograms on the same bins.

    Args:
        before: (K,) counts of the reference, not all zero; the last but one bin holds the nulls.
        after: (K,) counts of the window, not all zero.
        is_ordered: whether neighbouring bins are neighbours.
    """
    used = before + after > 0
    first = (before[used] + _SMOOTH) / (before.sum() + _SMOOTH * used.sum())
    second = (after[used] + _SMOOTH) / (after.sum() + _SMOOTH * used.sum())
    gap = after / after.sum() - before / before.sum()
    distance = float(np.abs(np.cumsum(gap)).max()) if is_ordered else float(np.abs(gap).sum() / 2)
    return Effect(
        psi=float(((second - first) * np.log(second / first)).sum()),
        distance=distance,
        p=_chi_squared_p(before.astype(np.float64), after.astype(np.float64)),
        nulls_before=float(before[-2] / before.sum()),
        nulls_after=float(after[-2] / after.sum()),
    )


def holm(ps: Sequence[float]) -> list[float]:
    """p-values corrected for being many, in the order given."""
    order = np.argsort(ps, kind="stable")
    found = np.empty(len(ps))
    highest = 0.0
    for place, index in enumerate(order):
        highest = max(highest, min((len(ps) - place) * ps[index], 1.0))
        found[index] = highest
    return [float(value) for value in found]


def _chi_squared_p(before: Floats, after: Floats) -> float:
    both, rows = before + after, np.array([before.sum(), after.sum()])
    expected = np.outer(rows / rows.sum(), both)
    rare = expected.min(axis=0) < _LEAST_EXPECTED
    # Bins with too few rows are counted as one.
    table = np.array([before, after])
    if rare.any():
        table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
        expected = np.column_stack([expected[:, ~rare], expected[:, rare].sum(axis=1)])
    used = expected.min(axis=0) > 0
    freedom = int(used.sum()) - 1
    if freedom < 1:
        return 1.0
    statistic = float((((table - expected) ** 2)[:, used] / expected[:, used]).sum())
    scale = 2.0 / (9.0 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - scale)) / math.sqrt(scale)
    return 0.5 * math.erfc(z / math.sqrt(2.0))
