"""What each factor of a product contributed to its change, in an order that does not matter.

Source: Shapley, "A value for n-person games", 1953; for two factors it is the rule of Bennet, "The theory of
measurement of changes in cost of living", 1920; for more, Shorrocks, "Decomposition procedures for distributional
analysis", Journal of Economic Inequality 11, 2013.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from math import factorial

from .money import EXACT, ZERO

_ONE = Decimal(1)


def shapley_of_product(before: Sequence[Decimal], after: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """What each factor contributed to the difference of two products; the contributions add up to it.

    Args:
        before: n <= 8 factors.
        after: the same, later.
    """
    moved = [place for place in range(len(before)) if before[place] != after[place]]
    still = _ONE
    for place in range(len(before)):
        if place not in moved:
            still = EXACT.multiply(still, before[place])
    found = [ZERO] * len(before)
    for place in moved:
        others = [other for other in moved if other != place]
        step = ZERO
        for changed, weight in _subsets(len(others)):
            product = weight
            for at, other in enumerate(others):
                product = EXACT.multiply(product, after[other] if at in changed else before[other])
            step = EXACT.add(step, product)
        step = EXACT.divide(step, Decimal(factorial(len(moved))))
        found[place] = EXACT.multiply(EXACT.multiply(step, EXACT.subtract(after[place], before[place])), still)
    return tuple(found)


@lru_cache(maxsize=16)
def _subsets(n: int) -> tuple[tuple[frozenset[int], Decimal], ...]:
    """Every subset of n factors, and in how many of the (n + 1)! orders just these change before one more does."""
    return tuple(
        (frozenset(chosen), Decimal(factorial(size) * factorial(n - size)))
        for size in range(n + 1)
        for chosen in combinations(range(n), size)
    )
