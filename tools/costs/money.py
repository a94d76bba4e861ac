"""Exact money: decimals that are added without rounding, and rounded to cents once, so that the parts still tie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from typing import TypeVar

from ...core.amounts import minor_digits

K = TypeVar("K")

EXACT = Context(prec=90, rounding=ROUND_HALF_EVEN)
"""Amounts have at most 38 digits, so a product of two is exact and a quotient is wrong by less than 1e-50 of itself."""

ZERO = Decimal(0)
_SHARE_STEP = Decimal("1e-24")
"""Shares end here, so that they are added up in any order without rounding."""


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """The exact sum; what is missing adds nothing."""
    found = ZERO
    for amount in amounts:
        if amount is not None:
            found = EXACT.add(found, amount)
    return found


def cent_of(currency: str) -> Decimal:
    """The smallest amount that an invoice in this currency states: 0.01 for most."""
    return Decimal(1).scaleb(-minor_digits(currency))


def to_cents(amount: Decimal, currency: str) -> Decimal:
    """Rounded as invoices are: half to even, to the smallest unit of the currency."""
    return amount.quantize(cent_of(currency), rounding=ROUND_HALF_EVEN, context=EXACT)


def cents_that_tie(parts: Sequence[Decimal], currency: str) -> tuple[Decimal, ...]:
    """Each part in whole cents, such that their sum is the sum of the parts in whole cents.

    Every part is rounded down, and the cents that are then missing go to the parts that lost most by it.

    Source: the method of largest remainders (Hamilton).
    """
    cent = cent_of(currency)
    floors = [part.quantize(cent, rounding=ROUND_FLOOR, context=EXACT) for part in parts]
    missing = int(EXACT.divide(EXACT.subtract(to_cents(total(parts), currency), total(floors)), cent))
    lost = sorted(range(len(parts)), key=lambda at: (-(parts[at] - floors[at]), at))
    for at in lost[: max(missing, 0)]:
        floors[at] = EXACT.add(floors[at], cent)
    for at in reversed(lost[len(lost) + min(missing, 0) :] if missing < 0 else []):
        floors[at] = EXACT.subtract(floors[at], cent)
    return tuple(floors)


def split(amount: Decimal, weights: Mapping[K, Decimal]) -> dict[K, Decimal]:
    """An amount shared out in proportion to weights; the shares sum to the amount exactly.

    Args:
        amount: what is shared.
        weights: >= 0, not all zero; the largest also takes what division leaves over.

    Raises:
        ValueError: there is nothing to share by.
    """
    whole = total(weights.values())
    if whole <= 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("weights are not negative, and one of them is above zero")
    shares = {
        key: EXACT.divide(EXACT.multiply(amount, weight), whole).quantize(_SHARE_STEP, context=EXACT)
        for key, weight in weights.items()
    }
    largest = max(weights, key=lambda key: weights[key])
    shares[largest] = EXACT.add(shares[largest], EXACT.subtract(amount, total(shares.values())))
    return shares


def share(part: Decimal, whole: Decimal) -> float | None:
    """A part of a whole; `None` of nothing."""
    return float(EXACT.divide(part, whole)) if whole else None
