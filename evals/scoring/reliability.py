"""How often a leading suspect with such a score was right, in one installation.

A score is a weight among candidates and says nothing about how often it is right until it was compared with what the
incidents turned out to be. That holds for one installation: its systems, its telemetry, its alerts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...core.intervals import wilson

LEAST_POINTS = 50
"""With fewer labelled incidents nothing is said: a score is then a rank and no more."""

_LEAST_IN_BIN = 10
_MOST_BINS = 5


@dataclass(frozen=True)
class Point:
    """One labelled incident: the score of the leading suspect, and whether it was a true cause."""

    score: float
    is_right: bool


@dataclass(frozen=True)
class Bin:
    """Neighbouring scores: `right` of `n` leading suspects with a score from `lowest` to `highest` were right."""

    lowest: float
    highest: float
    n: int
    right: int

    @property
    def share(self) -> float:
        """How often they were right."""
        return self.right / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        low, high = wilson(self.right, self.n)
        return low, high


def reliability_curve(points: Iterable[Point]) -> tuple[Bin, ...]:
    """Bins in the order of their scores, none less often right than the one below it.

    Up to five bins of equal counts, of at least ten incidents each, equal scores never apart; neighbours that are the
    wrong way round are pooled.

    Args:
        points: one per labelled incident; scores that are no numbers are left out.

    Returns:
        Nothing below `LEAST_POINTS` usable points.

    Source: pool adjacent violators, Ayer et al., "An empirical distribution function for sampling with incomplete
    information", 1955; isotonic calibration, Zadrozny and Elkan, "Transforming classifier scores into accurate
    multiclass probability estimates", 2002. Binned first, so that no step rests on a handful of incidents.
    """
    usable = sorted((point for point in points if math.isfinite(point.score)), key=lambda point: point.score)
    if len(usable) < LEAST_POINTS:
        return ()
    pooled: list[Bin] = []
    for found in _equal_counts(usable):
        pooled.append(found)
        while len(pooled) > 1 and pooled[-2].share >= pooled[-1].share:
            upper, lower = pooled.pop(), pooled.pop()
            pooled.append(Bin(lower.lowest, upper.highest, lower.n + upper.n, lower.right + upper.right))
    return tuple(pooled)


def bin_of(curve: Sequence[Bin], score: float) -> Bin | None:
    """The bin a score belongs to; a score between two bins belongs to the lower one, as nothing is known of it.

    A score below everything that was seen belongs to no bin: it would borrow the reliability of higher ones.
    """
    found = None
    for candidate in curve:
        if score >= candidate.lowest:
            found = candidate
    return found


def _equal_counts(points: Sequence[Point]) -> list[Bin]:
    count = max(1, min(_MOST_BINS, len(points) // _LEAST_IN_BIN))
    size = len(points) / count
    parts: list[list[Point]] = [[]]
    for place, point in enumerate(points):
        is_full = place >= round(len(parts) * size) and len(parts) < count
        if is_full and parts[-1] and point.score > parts[-1][-1].score:
            parts.append([])
        parts[-1].append(point)
    return [
        Bin(part[0].score, part[-1].score, len(part), sum(point.is_right for point in part)) for part in parts if part
    ]
