"""Savings at what is really paid: list price is what a size costs nobody who has a discount or a commitment."""

from __future__ import annotations

from collections.abc import Callable

from .amounts import scaled
from .types import Considered, Estimate, Held, Recommendation, Saving


def at_what_is_paid(
    recommendation: Recommendation, effective: float, committed: float, spread: float = 0.0
) -> Recommendation:
    """A recommendation whose savings follow the bill instead of the price list.

    Args:
        recommendation: with a saving at list price.
        effective: effective over list cost of the subject, as the bill has it.
        committed: share of its list cost that commitments cover: that part is paid for anyway, and only freed.
        spread: half the 90 % interval of a month's cost, relative to it; an interval is never narrower.
    """
    before = recommendation.saving
    paid = _no_surer(scaled(before.listed, effective), spread)
    both = before.bill.expected + before.freed.expected
    given_back = before.bill.expected / both if both > 0 else 1.0
    share = min(max(given_back, 0.0), 1.0) * (1.0 - min(max(committed, 0.0), 1.0))
    saving = Saving(effective=paid, listed=before.listed, bill=scaled(paid, share), freed=scaled(paid, 1.0 - share))
    return recommendation.model_copy(update={"saving": saving})


def _no_surer(estimate: Estimate, spread: float) -> Estimate:
    half = abs(estimate.expected) * spread
    low, high = min(estimate.low, estimate.expected - half), max(estimate.high, estimate.expected + half)
    return estimate.model_copy(update={"low": low, "high": high})


def in_currency(considered: Considered, currency: str, rate: Callable[[str], float | None]) -> Considered:
    """The same in one currency; what is in a currency without a rate is held, because nobody can add it.

    Args:
        considered: in any currencies.
        currency: wanted.
        rate: how much of it one unit of another is worth; `None` if that is not known.
    """
    kept: list[Recommendation] = []
    held = list(considered.held)
    for each in considered.recommendations:
        theirs = each.saving.effective.currency
        factor = 1.0 if theirs == currency else rate(theirs)
        if factor is None:
            held.append(_held(each, f"its amounts are in {theirs}, and there is no exchange rate to {currency}"))
            continue
        kept.append(each if theirs == currency else _exchanged(each, currency, factor))
    return Considered(recommendations=tuple(kept), held=tuple(held))


def _exchanged(each: Recommendation, currency: str, factor: float) -> Recommendation:
    def worth(estimate: Estimate) -> Estimate:
        return scaled(estimate, factor).model_copy(update={"currency": currency})

    old = each.saving
    saving = Saving(
        effective=worth(old.effective), listed=worth(old.listed), bill=worth(old.bill), freed=worth(old.freed)
    )
    return each.model_copy(update={"saving": saving})


def _held(each: Recommendation, detail: str) -> Held:
    return Held(
        kind=each.kind, subject=each.subject, resource=each.resource, reason="no_price", detail=detail, basis=each.basis
    )
