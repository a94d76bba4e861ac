"""Sums and shares of estimates: what can be added is added, and nothing is added across currencies or periods."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from .types import Estimate, Recommendation, Saving

_Z90 = 1.6449


def scaled(estimate: Estimate, share: float) -> Estimate:
    """A share of an estimate."""
    low, high = sorted((estimate.low * share, estimate.high * share))
    return estimate.model_copy(update={"expected": estimate.expected * share, "low": low, "high": high})


def scaled_saving(saving: Saving, share: float) -> Saving:
    """A share of a saving, all four ways."""
    return Saving(
        effective=scaled(saving.effective, share),
        listed=scaled(saving.listed, share),
        bill=scaled(saving.bill, share),
        freed=scaled(saving.freed, share),
    )


def total(estimates: Iterable[Estimate], currency: str, period: str = "month") -> Estimate:
    """The sum of estimates of one currency and period; the ends of the interval as for independent errors.

    Raises:
        ValueError: one has another currency or period.
    """
    expected = below = above = 0.0
    for each in estimates:
        if (each.currency, each.period) != (currency, period):
            raise ValueError("amounts of different currencies or periods are not added")
        expected += each.expected
        below += (each.expected - each.low) ** 2
        above += (each.high - each.expected) ** 2
    low, high = expected - math.sqrt(below), expected + math.sqrt(above)
    return Estimate.model_validate(
        {"currency": currency, "period": period, "expected": expected, "low": low, "high": high}
    )


def total_saving(recommendations: Sequence[Recommendation], currency: str) -> Saving:
    """The sum of monthly savings, all four ways; the lower ends allow for some that have to be taken back.

    Each is kept with the chance that its risk leaves, independently of the others: what is lost then varies by its
    saving times the root of p (1 - p). Where nobody has measured the chance, the widest spread counts.

    Raises:
        ValueError: as `total`.
    """

    def summed(part: Literal["effective", "listed", "bill", "freed"]) -> Estimate:
        found = total((getattr(one.saving, part) for one in recommendations), currency)
        lost = sum(
            (_Z90 * getattr(one.saving, part).expected) ** 2 * _spread(one.risk.probability) for one in recommendations
        )
        low = found.expected - math.sqrt((found.expected - found.low) ** 2 + lost)
        return found.model_copy(update={"low": low})

    return Saving(effective=summed("effective"), listed=summed("listed"), bill=summed("bill"), freed=summed("freed"))


def said(value: float, currency: str) -> str:
    """An amount in words: `12,345 EUR`, and with cents below a hundred. Zero has no sign."""
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
    return f"{'0' if text in ('-0', '-0.00', '0.00') else text} {currency}"


def said_estimate(estimate: Estimate) -> str:
    """An estimate with everything that it must not go without: `1,200 EUR a month (90 %: 900 to 1,500)`."""
    period = "once" if estimate.period == "once" else f"a {estimate.period}"
    low, high = (said(end, "").strip() for end in (estimate.low, estimate.high))
    return f"{said(estimate.expected, estimate.currency)} {period} (90 %: {low} to {high})"


def _spread(probability: float | None) -> float:
    chance = 0.5 if probability is None else probability
    return chance * (1 - chance)
