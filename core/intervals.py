"""The interval of a proportion."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

DEFAULT_CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A closed interval."""

    low: float
    high: float


def wilson(successes: float, n: int, *, confidence: float = DEFAULT_CONFIDENCE) -> Interval:
    """The score interval of a proportion. Stays within [0, 1] and is sound for few cases and for 0 or n successes.

    Args:
        successes: 0 to n. A sum of values in [0, 1] is fine too: none spreads more than a 0/1 value of the same mean,
            so the interval is then too wide rather than too narrow.
        n: at least 1.
        confidence: of the two-sided interval, in (0, 1).

    Raises:
        ValueError: no case, or more successes than cases.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927; recommended over
    the textbook interval by Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", 2001.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError("a proportion needs n >= 1 and 0 <= successes <= n")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends the formula gives exactly 0 and 1; rounding must not move them inside.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Interval(low, high)
