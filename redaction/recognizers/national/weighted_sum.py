"""The sum behind most check digits."""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul


def weighted_sum(digits: str, weights: Sequence[int]) -> int:
    """Each digit times the weight at its place, added up; ends with the shorter of both."""
    return sum(map(mul, map(int, digits), weights))
