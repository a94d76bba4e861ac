"""What a change of size really saves: at list price, at what is paid, and how much of it the next invoice shows.

List and effective cost differ by discounts. Of the effective saving, only what is bought on demand or as spot capacity,
and is given back to whoever sells it, makes the next invoice smaller. What a commitment covers is paid for anyway, and
what a smaller request leaves empty on a node is paid for until the node goes: that capacity is freed, not saved.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ..recommendations.types import Estimate, Saving
from .allocation import Assigned
from .exchange import Rates
from .prices import HOURS_OF_MONTH, PaidShare, PriceList, in_currency, paid_share

_LEAST_DAYS = 7
_WIDE = 0.25
"""Half the width of an interval where the bill has too few days to tell how an amount varies: a convention, said as
such in docs/costs.md."""
_Z90 = 1.645

Returned = Literal["bill", "capacity"]
"""`bill`: what is no longer used is given back: an instance, a volume, a replica on machines that are scaled with it.
`capacity`: it stays, and is free for others.
"""


@dataclass(frozen=True)
class SubjectCost:
    """What a workload, or a thing with an id in the bill, cost lately.

    Args:
        listed: a month, at list price; `effective` and `billed` likewise.
        daily: effective cost of each day, for how it varies.
        paid: what of the list price is paid, and how much commitments and spot cover.
    """

    subject: str
    listed: float
    effective: float
    billed: float
    daily: tuple[float, ...]
    paid: PaidShare


@dataclass(frozen=True)
class Priced:
    """A subject as far as its price goes."""

    subject: str
    region: str
    gpu_type: str = ""
    capacity: str = "on_demand"


class SavingBook:
    """Savings of one fleet: its bill, its price list, its rates, and the day and currency they are stated in."""

    def __init__(
        self,
        costs: Mapping[str, SubjectCost],
        prices: PriceList,
        rates: Rates,
        currency: str,
        day: date,
    ) -> None:
        self._costs = costs
        self._prices = prices
        self._rates = rates
        self.currency = currency
        self._day = day

    def cost_of(self, subject: str) -> SubjectCost | None:
        """What a workload or a resource id cost lately."""
        return self._costs.get(subject)

    def list_price(self, priced: Priced, size: Mapping[str, float], capacity: str = "on_demand") -> float | None:
        """A size for a month at list price, in our currency; `None` without a price or a rate."""
        found = self._prices.of_size(size, priced.region, self._day, gpu_type=priced.gpu_type, capacity=capacity)
        return None if found is None else in_currency(*found, self.currency, self._day, self._rates)

    def saving_of(
        self,
        priced: Priced,
        current: Mapping[str, float],
        proposed: Mapping[str, float],
        *,
        returned: Returned,
        active_share: float = 1.0,
    ) -> Saving | None:
        """What going from one size to another saves a month.

        Args:
            priced: whose size it is.
            current: `cpu` (cores), `memory` (bytes), `gpu` (devices) of one replica, `replicas`; as far as they change
                and whatever multiplies what changes. Replicas may be a mean over time.
            proposed: the same keys.
            returned: whether what is freed is given back, or stays free for others.
            active_share: the share of the time in which the change holds (0 to 1), as for a schedule.

        Returns:
            `None` where the price list has no price for a part of it: nothing is guessed. A negative saving is a cost.
        """
        before, after = self.list_price(priced, current), self.list_price(priced, proposed)
        if before is None or (after is None and any(proposed.values())):
            return None
        listed = (before - (after or 0.0)) * min(max(active_share, 0.0), 1.0)
        return self._saving(listed, self._costs.get(priced.subject), priced.capacity, returned)

    def saving_as_spot(self, priced: Priced, size: Mapping[str, float]) -> Saving | None:
        """What buying a size as spot capacity saves a month; `None` without both prices.

        Spot prices move, so the interval is ±25 % whatever the bill's own weeks did.
        """
        before, after = self.list_price(priced, size), self.list_price(priced, size, "spot")
        if before is None or after is None:
            return None
        cost = self._costs.get(priced.subject)
        paid = before * cost.paid.effective if cost is not None and cost.paid.effective is not None else before
        committed = cost.paid.committed if cost is not None else 0.0
        return self._split(before - after, paid - after, None, committed, "bill")

    def saving_of_all(self, subject: str, *, returned: Returned = "bill", active_share: float = 1.0) -> Saving | None:
        """What going without a workload or a resource saves a month, as the bill has it; `None` if it is not in it."""
        cost = self._costs.get(subject)
        if cost is None:
            return None
        share = min(max(active_share, 0.0), 1.0)
        capacity = "committed" if cost.paid.committed > 0.5 else "on_demand"
        if cost.listed <= 0:
            return self._split(cost.effective * share, cost.effective * share, cost, 0.0, returned)
        return self._saving(cost.listed * share, cost, capacity, returned)

    def _saving(self, listed: float, cost: SubjectCost | None, capacity: str, returned: Returned) -> Saving:
        paid = cost.paid if cost is not None else None
        if paid is None or paid.effective is None:
            # Without a bill, list price is all that is known, and committed capacity counts as paid for.
            return self._split(listed, listed, cost, 1.0 if capacity == "committed" else 0.0, returned)
        return self._split(listed, listed * paid.effective, cost, paid.committed, returned)

    def _split(
        self, listed: float, effective: float, cost: SubjectCost | None, committed: float, returned: Returned
    ) -> Saving:
        spread = _spread(cost.daily if cost is not None else ())
        given_back = effective * (1.0 - committed) if returned == "bill" else 0.0
        return Saving(
            effective=self._estimate(effective, spread),
            listed=self._estimate(listed, spread),
            bill=self._estimate(given_back, spread),
            freed=self._estimate(effective - given_back, spread),
        )

    def _estimate(self, amount: float, spread: float) -> Estimate:
        half = abs(amount) * spread
        return Estimate(currency=self.currency, period="month", expected=amount, low=amount - half, high=amount + half)


def _spread(daily: Sequence[float]) -> float:
    """Half the 90 % interval of a month's cost, relative to it, from how whole weeks vary."""
    if len(daily) < _LEAST_DAYS:
        return _WIDE
    weeks = [sum(daily[at : at + 7]) for at in range(0, len(daily) - 6, 7)]
    mean = sum(weeks) / len(weeks)
    if len(weeks) < 2 or mean <= 0:
        return _WIDE
    deviation = math.sqrt(sum((week - mean) ** 2 for week in weeks) / (len(weeks) - 1))
    # A month has 730 / 168 weeks; the mean that it is compared with is itself one of so many weeks.
    months = HOURS_OF_MONTH / 168
    return min(_Z90 * deviation / mean * math.sqrt(1 / months + 1 / len(weeks)), 1.0)


def subject_costs(
    assigned: Iterable[Assigned], days: int, daily: Mapping[str, Sequence[float]]
) -> dict[str, SubjectCost]:
    """The monthly cost of every workload, and of every resource id.

    Args:
        assigned: usage of some days, in the currency of the report.
        days: how many; at least 1.
        daily: per workload or resource id, effective cost by day, the oldest first.
    """
    found: dict[str, list[Assigned]] = {}
    for one in assigned:
        if one.line.category == "Usage" and not one.line.is_correction and not one.line.is_unused:
            for subject in {one.owner.workload, one.line.resource} - {""}:
                found.setdefault(subject, []).append(one)
    month = HOURS_OF_MONTH / 24 / days
    return {
        subject: SubjectCost(
            subject,
            month * sum(float(one.line.listed or 0) for one in members),
            month * sum(float(one.line.effective) for one in members),
            month * sum(float(one.line.billed) for one in members),
            tuple(daily.get(subject, ())),
            paid_share(one.line for one in members),
        )
        for subject, members in found.items()
    }
