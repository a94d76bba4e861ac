"""Quantiles of what fell into the buckets of a histogram.

Source: Prometheus documentation, "Query functions", `histogram_quantile()`: linear within a bucket, zero as the lower
bound of the first one, and the highest finite bound for what lies beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

Buckets = Mapping[float, float]
"""By upper bound, `+Inf` among them: how many observations were at most that."""


def increase(first: Buckets, last: Buckets) -> Buckets | None:
    """What fell into each bucket between two readings; after a restart, what did since.

    Returns:
        `None` where the two do not have the same buckets.
    """
    if first.keys() != last.keys():
        return None
    has_restarted = any(last[bound] < first[bound] for bound in last)
    return last if has_restarted else {bound: last[bound] - first[bound] for bound in last}


def quantile(share: float, buckets: Buckets) -> float | None:
    """The value below which a share of the observations lies.

    Args:
        share: from 0 to 1.
        buckets: in any order.

    Returns:
        `None` without observations, without a bucket for all of them, or with no other bucket.
    """
    bounds = sorted(buckets)
    if len(bounds) < 2 or bounds[-1] != math.inf:
        return None
    counts: list[float] = []
    for bound in bounds:  # totals of neighbouring buckets are not read in one moment, and may contradict each other
        counts.append(max(buckets[bound], counts[-1] if counts else 0.0))
    if not counts[-1] > 0 or not math.isfinite(counts[-1]):
        return None
    rank = share * counts[-1]
    place = next((place for place, count in enumerate(counts[:-1]) if count >= rank), len(bounds) - 1)
    if place == len(bounds) - 1:
        return bounds[-2]
    if place == 0 and bounds[0] <= 0:
        return bounds[0]
    lower, below = (bounds[place - 1], counts[place - 1]) if place else (0.0, 0.0)
    within = counts[place] - below
    return lower + (bounds[place] - lower) * ((rank - below) / within) if within > 0 else lower
