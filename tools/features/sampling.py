"""How many keys to look at: so many that a share that matters would have shown, with the confidence asked for.

The chance that n of N keys, drawn without replacement, hold none of K bad ones is hypergeometric:
C(N - K, n) / C(N, n). The sample is the smallest n that brings it to 1 - confidence. For large N that is
log(1 - confidence) / log(1 - share), which at 95 % is the "rule of three", 3 / share (Hanley and Lippman-Hand,
"If nothing goes wrong, is everything all right?", JAMA 249, 1983). Shares that were found get Wilson's interval.
"""

from __future__ import annotations

import math

COMPARED_WHOLE = 20_000
"""Of so few keys all are looked at: that costs less than thinking about it."""
_SPREAD = 4.0
"""Sampling by hash gives about n keys; asked are so many standard deviations more."""


def sample_size(keys: int, share: float, confidence: float) -> int:
    """The smallest sample that would show a bad share.

    Args:
        keys: N >= 1.
        share: of bad keys, above 0 and below 1.
        confidence: above 0 and below 1.
    """
    bad = max(math.ceil(keys * share), 1)
    low, high = 1, keys
    while low < high:
        middle = (low + high) // 2
        if chance_of_none(keys, bad, middle) <= 1 - confidence:
            high = middle
        else:
            low = middle + 1
    return low


def chance_of_none(keys: int, bad: int, drawn: int) -> float:
    """That a sample without replacement holds none of the bad keys."""
    if drawn > keys - bad:
        return 0.0
    log = math.lgamma
    good = keys - bad
    return math.exp(log(good + 1) - log(good - drawn + 1) - log(keys + 1) + log(keys - drawn + 1))


def confidence_of(keys: int, share: float, drawn: int) -> float:
    """With which confidence a sample that showed nothing rules out the share."""
    return 1 - chance_of_none(keys, max(math.ceil(keys * share), 1), min(drawn, keys))


def most_bad_share(keys: int, drawn: int, confidence: float) -> float:
    """The share that a sample without a bad key leaves possible."""
    low, high = 0, keys
    while low < high:
        middle = (low + high + 1) // 2
        if chance_of_none(keys, middle, min(drawn, keys)) > 1 - confidence:
            low = middle
        else:
            high = middle - 1
    return low / keys


def fraction_for(keys: int, share: float, confidence: float) -> float:
    """The part of all keys to sample by hash."""
    if keys <= COMPARED_WHOLE:
        return 1.0
    wanted = sample_size(keys, share, confidence)
    return min((wanted + _SPREAD * math.sqrt(wanted)) / keys, 1.0)
