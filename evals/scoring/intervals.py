"""95 % intervals of a proportion and of a mean.

Both take the cases as independent draws. Repeats of one fault are not, so the intervals speak of more incidents like
these on systems like these; for a claim beyond that, resample whole clusters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...core.intervals import DEFAULT_CONFIDENCE, Interval, wilson

__all__ = ["Interval", "bootstrap_mean", "wilson"]

DEFAULT_RESAMPLES = 2_000
_CHUNK = 250
"""Resamples drawn at a time, so that a large run stays within a few megabytes."""


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
