"""What a replay over past weeks came to, and the risk that is read from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..recommendations.types import RecommendationKind, Risk

_Z90 = 1.6448536269514722
"""The standard normal quantile of a two-sided 90 % interval."""


@dataclass(frozen=True)
class Replay:
    """A kind of recommendation, made from what was known each week and held against the week after.

    Args:
        kind: of recommendation.
        resource: of it; empty for all of the kind.
        rule: what was replayed, in words.
        subjects: how many had a recommendation in some week.
        weeks: subject-weeks that were judged.
        bad: of them, those that went wrong.
        saved: share of what was reserved that would have been saved.
        most: the share of bad subject-weeks that is allowed.
    """

    kind: RecommendationKind
    resource: str
    rule: str
    subjects: int
    weeks: int
    bad: int
    saved: float
    most: float

    @property
    def violated(self) -> float:
        """Share of subject-weeks that went wrong."""
        return self.bad / self.weeks if self.weeks else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Its 90 % interval (Wilson); from 0 to 1 where nothing was judged."""
        return wilson90(self.bad, self.weeks)

    @property
    def is_passed(self) -> bool:
        """Whether the kind may be offered: nothing speaks, with 90 % certainty, for more than is allowed."""
        return self.interval[0] <= self.most

    def risk(self, of: str) -> Risk:
        """The chance that the coming week goes wrong: the observed share with one more of each (Laplace)."""
        low, high = self.interval
        probability = (self.bad + 1) / (self.weeks + 2)
        return Risk(probability=probability, low=min(low, probability), high=high, of=of, weeks=self.weeks)


def wilson90(bad: int, n: int) -> tuple[float, float]:
    """The 90 % interval of a share (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = bad / n, _Z90**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z90 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(middle - half, 0.0), min(middle + half, 1.0)
