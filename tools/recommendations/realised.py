"""What an applied recommendation really saved, beside what it was to save, and what it broke in the same days.

The cost without the change is what the days before would have cost at the usage of the days since: as far as the cost
followed its usage before, and no further. A service of fixed size does not get dearer by more requests, and one that
scales does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ..spec import DerivedText, KeptText, Result
from .types import Estimate

WINDOWS_DAYS = (7, 14, 30)
BASELINE_DAYS = 28
_LEAST_DAYS = 7
_SETTLED_DAYS = 14
_WORSE_BY_CHANCE = 0.05
_ENOUGH = 0.5
"""The least share of what was projected that counts as saved."""
_Z90 = 1.6449

Days = NDArray[np.float64]


@dataclass(frozen=True)
class Around:
    """A subject before and after the change, a value a day.

    Args:
        cost_before: effective cost in the fleet's currency, of at most 28 days, oldest first; NaN where not known.
        cost_after: the same of the days since, without the day of the change.
        driver_before: usage that cost may follow, such as requests; the same days, empty if there is none.
        driver_after: the same.
        broken_before: by kind, how often something went wrong in the days before.
        broken_after: in the days since.
        watched_before: days before in which what went wrong would have been seen.
        watched_after: days since.
        latency_budget_ms: what the latency may be; `None` without one.
        latency_before_ms: highest day's p99 before; `None` where not measured.
        latency_after_ms: since.
    """

    cost_before: Days
    cost_after: Days
    driver_before: Days = field(default_factory=lambda: np.empty(0))
    driver_after: Days = field(default_factory=lambda: np.empty(0))
    broken_before: Mapping[str, int] = field(default_factory=dict[str, int])
    broken_after: Mapping[str, int] = field(default_factory=dict[str, int])
    watched_before: int = BASELINE_DAYS
    watched_after: int = WINDOWS_DAYS[-1]
    latency_budget_ms: float | None = None
    latency_before_ms: float | None = None
    latency_after_ms: float | None = None


class Worse(Result):
    """One thing that went wrong more often, or by more, than before."""

    what: KeptText
    before: float = Field(description="per day, or milliseconds of latency")
    after: float
    chance: float | None = Field(default=None, description="of such a rise without any change")


class Realised(Result):
    """A recommendation after so many days."""

    days: int = Field(ge=1)
    measured_days: int = Field(ge=0, description="days since with a known cost")
    projected: Estimate
    realised: Estimate | None = Field(description="none where the cost is not known")
    ratio: float | None = Field(description="realised over projected")
    bill_share: float = Field(ge=0, le=1, description="part that makes invoices smaller; the rest only frees capacity")
    follows: float | None = Field(description="how far cost followed usage before: 0 not at all, 1 in proportion")
    worse: tuple[Worse, ...] = ()
    move: Literal["verified", "regressed"] | None = None
    why: DerivedText = ""


def realise(around: Around, days: int, projected: Estimate, bill_share: float) -> Realised:
    """What was saved in the first days after the change, as a rate per month.

    Args:
        around: the subject before and since.
        days: of the window, from the day after the change.
        projected: per month, at effective cost.
        bill_share: part of the projection that makes invoices smaller.
    """
    after = around.cost_after[:days]
    known = after[np.isfinite(after)]
    worse = _worse(around, min(days, around.watched_after))
    if len(known) < min(days, _LEAST_DAYS) or np.isfinite(around.cost_before).sum() < _LEAST_DAYS:
        why = _broke(worse) or "the cost before or since is not known"
        return Realised(
            days=days, measured_days=len(known), projected=projected, realised=None, ratio=None, bill_share=bill_share,
            follows=None, worse=worse, move="regressed" if worse else None, why=why,
        )  # fmt: skip
    expected, doubt, follows = _without_change(around, days)
    rate = (expected - float(known.mean())) * 730 / 24
    noise = float(known.std(ddof=1)) / math.sqrt(len(known)) if len(known) > 1 else 0.0
    error = _Z90 * math.hypot(doubt, noise) * 730 / 24
    realised = Estimate(currency=projected.currency, period="month", expected=rate, low=rate - error, high=rate + error)
    ratio = rate / projected.expected if projected.expected else None
    move, why = _verdict(realised, projected, worse, days)
    return Realised(
        days=days, measured_days=len(known), projected=projected, realised=realised, ratio=ratio,
        bill_share=bill_share, follows=follows, worse=worse, move=move, why=why,
    )  # fmt: skip


def _without_change(around: Around, days: int) -> tuple[float, float, float | None]:
    """The mean cost of the days since without the change, its standard error, and how far cost follows.

    The error of a line at a place outside of what it was drawn from: the further usage has moved, the less is known.
    """
    before = around.cost_before
    is_known = np.isfinite(before)
    mean, spread = float(before[is_known].mean()), float(before[is_known].std(ddof=1))
    doubt = spread / math.sqrt(int(is_known.sum()))
    driver, since = around.driver_before, around.driver_after[:days]
    if len(driver) != len(before) or not len(since) or not np.isfinite(since).any():
        return mean, doubt, None
    both = is_known & np.isfinite(driver)
    usual = float(driver[both].mean()) if both.sum() >= _LEAST_DAYS else 0.0
    moves = float(driver[both].var()) if usual > 0 else 0.0
    if usual <= 0 or mean <= 0 or moves <= (0.01 * usual) ** 2:
        return mean, doubt, None  # usage that never moved tells nothing of what cost does when it does
    slope = float(((driver[both] - usual) * (before[both] - before[both].mean())).mean()) / moves
    follows = min(max(slope * usual / mean, 0.0), 1.0)
    growth = float(since[np.isfinite(since)].mean()) / usual - 1
    guess = mean * (1 + follows * (driver[both] / usual - 1))
    around_guess = float((before[both] - guess).std(ddof=1))
    doubt = around_guess * math.sqrt((1 + (growth * usual) ** 2 / moves) / int(both.sum()))
    return mean * (1 + follows * growth), doubt, follows


def _worse(around: Around, days: int) -> tuple[Worse, ...]:
    found: list[Worse] = []
    days_before = max(around.watched_before, 1)
    for kind in sorted({*around.broken_before, *around.broken_after}):
        before, after = around.broken_before.get(kind, 0), around.broken_after.get(kind, 0)
        chance = chance_of(after, before + after, days / (days + days_before))
        if after and after / days > before / days_before and chance < _WORSE_BY_CHANCE:
            found.append(Worse(what=kind, before=before / days_before, after=after / days, chance=chance))
    budget, since = around.latency_budget_ms, around.latency_after_ms
    if budget is not None and since is not None and since > budget:
        was = around.latency_before_ms
        if was is None or was <= budget:
            found.append(Worse(what="latency over its budget", before=was or 0.0, after=since))
    return tuple(found)


def chance_of(after: int, both: int, share: float) -> float:
    """The chance that at least `after` of `both` events fall into a window that has a share of the time.

    Source: two Poisson counts compared conditionally on their sum (Przyborowski and Wilenski, 1940).
    """
    if after <= 0:
        return 1.0
    if both > 5_000:  # the normal limit: exact sums of so many terms say the same
        mean, spread = both * share, math.sqrt(both * share * (1 - share))
        return 0.5 * math.erfc((after - 0.5 - mean) / (spread * math.sqrt(2))) if spread else 0.0
    terms = (
        math.exp(
            math.lgamma(both + 1) - math.lgamma(n + 1) - math.lgamma(both - n + 1)
            + n * math.log(share) + (both - n) * math.log1p(-share)
        )
        for n in range(after, both + 1)
    )  # fmt: skip
    return min(sum(terms), 1.0)


def _verdict(
    realised: Estimate, projected: Estimate, worse: Sequence[Worse], days: int
) -> tuple[Literal["verified", "regressed"] | None, str]:
    if worse:
        return "regressed", _broke(worse)
    least = _ENOUGH * projected.expected
    if days >= WINDOWS_DAYS[-1] and realised.high < least:
        return "regressed", f"saves {realised.expected:,.0f} of {projected.expected:,.0f} {projected.currency} a month"
    if days >= _SETTLED_DAYS and realised.expected >= least and realised.low > 0:
        return "verified", f"saves {realised.expected:,.0f} of {projected.expected:,.0f} {projected.currency} a month"
    return None, "too early to tell"


def _broke(worse: Sequence[Worse]) -> str:
    return "; ".join(f"{each.what}: {each.before:.2g} before, {each.after:.2g} since" for each in worse)
