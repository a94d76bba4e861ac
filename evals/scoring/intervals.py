"""95 % intervals of a proportion and of a mean.

Both take the cases as independent draws. Repeats of one fault are not, so the intervals speak of more incidents like
these on systems like these; for a claim beyond that, resample whole clusters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

DEFAULT_CONFIDENCE = 0.95
DEFAULT_RESAMPLES = 2_000
_CHUNK = 250
"""Resamples drawn at a time, so that a large run stays within a few megabytes."""


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


def bootstrap_mean(
    values: Sequence[float],
    *,
    seed: int,
    clusters: Sequence[str] | None = None,
    resamples: int = DEFAULT_RESAMPLES,
    confidence: float = DEFAULT_CONFIDENCE,
) -> Interval:
    """The percentile bootstrap interval of a mean.

    Args:
        values: at least one. Values that are all the same give an interval without width: resampling cannot show what
            was never seen.
        seed: the same seed and values give the same interval.
        clusters: for each value the cluster it belongs to; whole clusters are then drawn (Davison and Hinkley,
            "Bootstrap methods and their application", 1997, section 3.8), and few clusters give a rough interval.
        resamples: how often the values are drawn anew.
        confidence: of the two-sided interval, in (0, 1).

    Raises:
        ValueError: no value, or not one cluster per value.

    Source: Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.
    """
    if not values or (clusters is not None and len(clusters) != len(values)):
        raise ValueError("a bootstrap needs a value, and one cluster for each if there are clusters")
    names = list(clusters) if clusters is not None else list(range(len(values)))
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    sums, sizes = np.zeros(len(places)), np.zeros(len(places))
    for name, value in zip(names, values, strict=True):
        sums[places[name]] += value
        sizes[places[name]] += 1
    rng = np.random.default_rng(seed)
    means = []
    for start in range(0, resamples, _CHUNK):
        drawn = rng.integers(0, len(places), size=(min(_CHUNK, resamples - start), len(places)))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(means), (tail, 1 - tail))
    return Interval(float(low), float(high))
