"""What a size costs at list price, by region and capacity type, and what of that is really paid."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .exchange import Rates
from .lines import Line
from .money import EXACT, ZERO

HOURS_OF_MONTH = 730.0
GIB = float(2**30)

OPENCOST_DEFAULTS: Mapping[str, float] = {"cpu": 0.031611, "memory": 0.004237, "gpu": 0.95}
"""US dollars per core, GiB and GPU hour on demand. Nobody's price: used only where somebody asks for them by name.

Source: OpenCost, configs/default.json.
"""


@dataclass(frozen=True)
class Price:
    """What one unit costs.

    Args:
        sku: an instance type; `cpu` (core), `memory` (GiB), `gpu:TYPE` (device), `volume:CLASS` (GiB).
        unit: `Hour`, `GiB-Hour` or `GiB-Month`.
        region: "" holds everywhere.
    """

    region: str
    sku: str
    capacity: str
    unit: str
    amount: float
    currency: str
    since: date
    source: str

    @property
    def of_month(self) -> float:
        """Of one unit for 730 hours."""
        return self.amount if self.unit.lower().endswith("month") else self.amount * HOURS_OF_MONTH


class PriceList:
    """Prices by region, SKU and capacity type; of several, the newest that holds on the day asked for."""

    def __init__(self, prices: Iterable[Price] = ()) -> None:
        found: dict[tuple[str, str, str], list[Price]] = {}
        for price in prices:
            if math.isfinite(price.amount) and price.amount >= 0:
                found.setdefault((price.region.lower(), price.sku.lower(), price.capacity), []).append(price)
        self._prices = {key: sorted(prices, key=lambda price: price.since) for key, prices in found.items()}

    def __len__(self) -> int:
        return len(self._prices)

    def of(self, sku: str, region: str, day: date, capacity: str = "on_demand") -> Price | None:
        """The price of an SKU; `None` where the list has none for this region, nor one that holds everywhere."""
        for place in (region.lower(), ""):
            known = self._prices.get((place, sku.lower(), capacity), [])
            held = [price for price in known if price.since <= day]
            if held:
                return held[-1]
        return None

    def of_size(
        self, size: Mapping[str, float], region: str, day: date, *, gpu_type: str = "", capacity: str = "on_demand"
    ) -> tuple[float, str] | None:
        """What a size costs a month, and the currency.

        Args:
            size: cores of `cpu`, bytes of `memory`, devices of `gpu`, all of one replica; `replicas`, 1 unless given.
            region: as the price list names it.
            day: on which the price holds.
            gpu_type: the card.
            capacity: how it is bought.

        Returns:
            `None` where a price of any part is missing: a sum without it would be a guess.
        """
        amount, currency = 0.0, ""
        for resource, quantity in size.items():
            if resource == "replicas" or not quantity:
                continue
            sku = f"gpu:{gpu_type}" if resource == "gpu" and gpu_type else resource
            price = self.of(sku, region, day, capacity)
            if price is None and resource == "gpu":
                price = self.of("gpu", region, day, capacity)
            if price is None or currency not in ("", price.currency):
                return None
            currency = price.currency
            amount += price.of_month * (quantity / GIB if resource in ("memory", "volume") else quantity)
        return (amount * size.get("replicas", 1.0), currency) if currency else None


def in_currency(amount: float, base: str, quote: str, day: date, rates: Rates) -> float | None:
    """An amount at the rate of a day; `None` without a rate."""
    rate = rates.at(base, quote, day)
    return None if rate is None else amount * float(rate.value)


@dataclass(frozen=True)
class PaidShare:
    """What of the list price was paid for some charges, by how they were bought.

    Args:
        effective: over listed, of the charges that have both; `None` if there are none.
        committed: share of the list cost that commitments cover; `spot` likewise.
    """

    effective: float | None
    committed: float
    spot: float


def paid_share(lines: Iterable[Line]) -> PaidShare:
    """Effective over list cost of usage, and how much of it commitments and spot capacity cover."""
    effective = listed = committed = spot = ZERO
    for line in lines:
        if line.category != "Usage" or line.is_correction or line.is_unused or not line.listed:
            continue
        effective, listed = EXACT.add(effective, line.effective), EXACT.add(listed, line.listed)
        if line.capacity == "committed" or line.commitment_status == "Used":
            committed = EXACT.add(committed, line.listed)
        elif line.capacity == "spot":
            spot = EXACT.add(spot, line.listed)
    if listed <= 0:
        return PaidShare(None, 0.0, 0.0)
    return PaidShare(float(effective / listed), float(committed / listed), float(spot / listed))


def opencost_defaults(since: date) -> tuple[Price, ...]:
    """OpenCost's default prices as a price list; nobody's real price."""
    units = {"cpu": "Hour", "memory": "GiB-Hour", "gpu": "Hour"}
    return tuple(
        Price("", sku, "on_demand", units[sku], amount, "USD", since, "OpenCost default, not your price")
        for sku, amount in OPENCOST_DEFAULTS.items()
    )
