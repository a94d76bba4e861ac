"""What a score has meant at this installation: how often the first suspect was right at such a score.

A score is a share of weights and no probability, and what it is worth differs between installations. So it is shown as
a rank until `MIN_LABELLED` incidents of the installation's own were labelled; from then on the curve stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...core.intervals import Interval, wilson

MIN_LABELLED = 50
"""With fewer labelled incidents the interval of a bin is wider than what it could tell apart."""

_BIN = 10


@dataclass(frozen=True)
class Bin:
    """Labelled incidents with scores in `[low, high]`: how many, and in which share the first suspect was a cause."""

    low: float
    high: float
    incidents: int
    right: Interval


@dataclass(frozen=True)
class Reliability:
    """A local reliability curve: bins of about equally many incidents, by ascending score."""

    bins: tuple[Bin, ...]

    def at(self, score: float) -> Bin:
        """The bin of a score; the outermost one for a score beyond all that were seen."""
        return next((one for one in self.bins if score <= one.high), self.bins[-1])


def reliability(labelled: Sequence[tuple[float, bool]]) -> Reliability | None:
    """The curve of the installation's own incidents.

    Args:
        labelled: per incident with a cause the score of the first suspect and whether it was right.

    Returns:
        `None` with fewer than `MIN_LABELLED`: then a score is shown as a rank and nothing else.
    """
    if len(labelled) < MIN_LABELLED:
        return None
    ordered = sorted(labelled)
    count = len(ordered) // _BIN
    edges = [round(place * len(ordered) / count) for place in range(count + 1)]
    bins = []
    for first, last in pairwise(edges):
        part = ordered[first:last]
        right = sum(is_right for _, is_right in part)
        bins.append(Bin(part[0][0], part[-1][0], len(part), wilson(right, len(part))))
    return Reliability(tuple(bins))
