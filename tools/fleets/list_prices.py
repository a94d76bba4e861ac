"""What a change saves at list prices and dated exchange rates, in the fleet's currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from ..recommendations.types import Estimate, Saving
from .subjects import Subject

HOURS_OF_MONTH = 730
_GIB = 2**30
_HOURS_PER_UNIT = {"Hour": 1.0, "GiB-Hour": 1.0, "GiB-Month": 1 / HOURS_OF_MONTH}
"""Prices per unit and hour; a month has 730 hours."""


@dataclass(frozen=True)
class ListPrices:
    """The prices of one day.

    Args:
        currency: what everything is converted to.
        prices: by region, SKU and capacity type, per unit and hour.
    """

    currency: str
    prices: Mapping[tuple[str, str, str], float]

    def price(self, region: str, sku: str, capacity: str) -> float | None:
        """Per unit and hour, of the region or of all regions; on demand where the capacity has no price of its own."""
        for where in (region, ""):
            for how in (capacity, "on_demand"):
                found = self.prices.get((where, sku, how))
                if found is not None:
                    return found
        return None

    def hourly(self, region: str, capacity: str, units: Mapping[str, float]) -> float | None:
        """What so many units of each SKU cost in an hour; `None` if one of them has no price."""
        total = 0.0
        for sku, amount in units.items():
            price = self.price(region, sku, capacity)
            if price is None:
                return None
            total += price * amount
        return total

    def saving(
        self,
        subject: Subject,
        units: Mapping[str, float],
        *,
        share: float = 1.0,
        low: float = 1.0,
        high: float = 1.0,
        is_billed: bool = True,
    ) -> Saving | None:
        """What it saves in a month not to reserve these units; `None` without a price.

        Args:
            subject: whose region and capacity count.
            units: of every SKU.
            share: of the hours in which they are not reserved.
            low: factor of the lower end of the interval, at most 1.
            high: factor of its upper end.
            is_billed: whether the next invoice falls with it; committed capacity is paid all the same.
        """
        listed = self.hourly(subject.region, "on_demand", units)
        effective = self.hourly(subject.region, subject.capacity_type, units)
        if listed is None or effective is None:
            return None
        month = HOURS_OF_MONTH * share
        falls = is_billed and subject.capacity_type != "committed"

        def estimate(per_hour: float) -> Estimate:
            amount = per_hour * month
            return Estimate(
                currency=self.currency, period="month", expected=amount, low=amount * low, high=amount * high
            )

        return Saving(
            effective=estimate(effective),
            listed=estimate(listed),
            bill=estimate(effective if falls else 0.0),
            freed=estimate(0.0 if falls else effective),
        )


def list_prices(prices: pa.Table, rates: pa.Table, currency: str, day: date) -> ListPrices:
    """The prices that hold on a day, at the latest rate until then; what cannot be converted has no price."""
    factors = _rates(rates, currency, day)
    found: dict[tuple[str, str, str], tuple[date, float]] = {}
    for row in prices.to_pylist():
        factor, hours = factors.get(row["currency"]), _HOURS_PER_UNIT.get(row["unit"] or "")
        since = row["since"] or date.min
        if factor is None or hours is None or since > day or row["price"] is None or row["price"] < 0:
            continue
        key = (row["region"] or "", row["sku"], row["capacity_type"] or "on_demand")
        if key not in found or found[key][0] <= since:
            found[key] = (since, row["price"] * factor * hours)
    return ListPrices(currency, {key: price for key, (_, price) in found.items()})


def units_of(subject: Subject, share_of_device: float = 1.0) -> dict[str, float]:
    """What one replica reserves: units of each SKU.

    Args:
        subject: its latest sizes; of an instance type, one instance.
        share_of_device: what a partition takes of a GPU.
    """
    if subject.instance_type:
        return {subject.instance_type: 1.0}
    units: dict[str, float] = defaultdict(float)
    for resource in ("cpu", "memory", "gpu"):
        size = subject.size(resource)
        if size:
            sku = f"gpu:{subject.gpu_type}" if resource == "gpu" else resource
            units[sku] = size / _GIB if resource == "memory" else size * (share_of_device if resource == "gpu" else 1)
    return dict(units)


def _rates(rates: pa.Table, currency: str, day: date) -> dict[str, float]:
    latest: dict[str, tuple[date, float]] = {}
    for row in rates.to_pylist():
        rate = row["rate"]
        if row["day"] is None or row["day"] > day or rate is None or rate <= 0:
            continue
        if row["quote"] == currency:
            other, factor = row["base"], rate
        elif row["base"] == currency:
            other, factor = row["quote"], 1 / rate
        else:
            continue
        if other not in latest or latest[other][0] <= row["day"]:
            latest[other] = (row["day"], factor)
    return {currency: 1.0} | {other: factor for other, (_, factor) in latest.items()}
