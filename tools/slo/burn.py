"""How fast an error budget is used up.

A burn rate of 1 uses the budget up exactly at the end of the objective's window; 14.4 of thirty days uses two per cent
of it in an hour. When to wake a person, and when to open a ticket, follows "The Site Reliability Workbook" (Beyer et
al., 2018), chapter 5, table 5-8: two per cent in one hour or five in six hours wake somebody, ten in three days can
wait, and each only if the last twelfth of the time burns as fast, so that what is over does not alert. Shares of the
budget are what counts, so an objective of another length has other rates; none below 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .events import Events

Urgency = Literal["page", "ticket", "none"]

_RULES: tuple[tuple[Urgency, int, float], ...] = (
    ("page", 3_600, 0.02),
    ("page", 6 * 3_600, 0.05),
    ("ticket", 3 * 86_400, 0.10),
)
"""Urgency, seconds of the long window, share of the budget used up in it."""
SHORT_PART = 12
"""A short window is so many times shorter than its long one."""
_NOW_S = 1_800


@dataclass(frozen=True)
class Rate:
    """The burn rate of one window that ends at the moment asked for.

    Args:
        window_s: its length.
        rate: of the time that samples came from; `None` if none came.
        covered: the share of the window that samples came from, 0 to 1.
    """

    window_s: int
    rate: float | None
    covered: float

    @property
    def at_least(self) -> float:
        """The rate of the whole window, if nothing was bad where nothing is known."""
        return (self.rate or 0.0) * self.covered


@dataclass(frozen=True)
class Burn:
    """The state of an error budget.

    Args:
        urgency: what the pairs of windows call for.
        rates: of the long windows, and before them of the last five and thirty minutes; the shortest first.
        before: the rate before `quiet_end`; `None` if nothing is known.
        spent: the least share of the budget that is used up, from what is known; above 1 when it is exceeded.
        covered: the share of the objective's window that samples came from.
        left_s: how long the rest lasts at the rate of the last half hour; `None` at a rate up to 1, which never ends
            it; 0 when nothing is left.
    """

    urgency: Urgency
    rates: tuple[Rate, ...]
    before: float | None
    spent: float
    covered: float
    left_s: float | None


def burn(events: Events, objective: float, window_s: int, end_us: int, quiet_end_us: int) -> Burn | None:
    """The state of a budget at a moment.

    Args:
        events: what was good and bad, up to the moment at least.
        objective: the share of good, between 0 and 1, both excluded.
        window_s: seconds over which it is promised, > 0.
        end_us: the moment.
        quiet_end_us: where the quiet time ends, for comparison.

    Returns:
        `None` if nothing was counted in the objective's window.
    """
    budget = 1.0 - objective
    start_us = end_us - window_s * 1_000_000

    def rate(length_s: int) -> Rate:
        # A window shorter than the sampling would be empty more often than not.
        length_us = max(length_s * 1_000_000, round(events.step_us))
        return _rate(events, end_us - length_us, end_us, length_s, budget)

    whole = _rate(events, start_us, end_us, window_s, budget)
    if whole.rate is None:
        return None
    rules = burn_rules(window_s)
    rates = {length: rate(length) for _, long_s, _ in rules for length in (long_s // SHORT_PART, long_s)}
    now = rate(min(_NOW_S, window_s))
    urgency: Urgency = "none"
    for wanted, long_s, share in rules:
        least = max(share * window_s / long_s, 1.0)
        is_fast = rates[long_s].at_least >= least and (rates[long_s // SHORT_PART].rate or 0.0) >= least
        if is_fast and urgency != "page":
            urgency = wanted
    spent = whole.at_least
    return Burn(
        urgency,
        tuple(rates[length] for length in sorted(rates)),
        _rate(events, start_us, quiet_end_us, window_s, budget).rate,
        spent,
        whole.covered,
        _left_s(spent, now.rate, window_s),
    )


def burn_rules(window_s: int) -> list[tuple[Urgency, int, float]]:
    """Urgency, seconds of the long window, and share of the budget that calls for it, of an objective over so long."""
    return [rule for rule in _RULES if rule[1] < window_s] or [("page", window_s, 1.0)]


def _left_s(spent: float, rate: float | None, window_s: int) -> float | None:
    if spent >= 1.0:
        return 0.0
    # What leaves the far end of the window comes back: at a rate of 1 and less nothing runs out.
    return None if rate is None or rate <= 1.0 else (1.0 - spent) * window_s / rate


def _rate(events: Events, start_us: int, end_us: int, window_s: int, budget: float) -> Rate:
    bad, total, covered_s = events.within(start_us, end_us)
    if total <= 0 or covered_s <= 0:
        return Rate(window_s, None, 0.0)
    share = min(max(bad / total, 0.0), 1.0)
    return Rate(window_s, share / budget, min(covered_s * 1e6 / (end_us - start_us), 1.0))
