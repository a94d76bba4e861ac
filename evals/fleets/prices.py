"""What things cost in an invented fleet: list prices, the change of currency, exchange rates.

The prices of cores and memory are OpenCost's defaults, those of cards near what one costs on demand in a cloud in 2026;
regions add a few percent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from .draft import MOVING_REGION, REGIONS, Draft

LIST_USD: dict[str, tuple[str, float]] = {
    "cpu": ("Hour", 0.031611),
    "memory": ("GiB-Hour", 0.004237),
    "gpu:L4": ("Hour", 0.70),
    "gpu:A10G": ("Hour", 0.90),
    "gpu:L40S": ("Hour", 1.60),
    "gpu:A100-80GB": ("Hour", 3.40),
    "gpu:H100-80GB": ("Hour", 6.50),
    "volume:ssd": ("GiB-Month", 0.088),
    "snapshot": ("GiB-Month", 0.05),
}
"""Unit and price per unit on demand."""

CAPACITY_FACTOR = {"on_demand": 1.0, "committed": 0.62, "spot": 0.34}
REGION_FACTOR = {REGIONS[0]: 1.0, REGIONS[1]: 1.32, REGIONS[2]: 1.08, MOVING_REGION: 1.04}
CURRENCY = "USD"
NEW_CURRENCY = "EUR"
_RATE = 1.12
_SINCE = date(2026, 1, 1)


@dataclass(frozen=True)
class PriceList:
    """Prices by day. `moves` is the day since which the moving region is billed in euros."""

    moves: date
    usd_per_eur: dict[date, float]

    @property
    def fixed(self) -> float:
        """Dollars of a euro on the day the bill moved: euro prices were set by it and stay."""
        return self.usd_per_eur[self.moves]

    def currency(self, region: str, day: date) -> str:
        """In what a region is billed on a day."""
        return NEW_CURRENCY if region == MOVING_REGION and day >= self.moves else CURRENCY

    def price(self, region: str, sku: str, capacity: str, day: date) -> float:
        """Per unit, in the currency of that day."""
        usd = LIST_USD[sku][1] * REGION_FACTOR[region] * CAPACITY_FACTOR[capacity]
        return round(usd / (self.fixed if self.currency(region, day) == NEW_CURRENCY else 1.0), 8)


def price_list(draft: Draft) -> PriceList:
    """Prices and rates of a fleet."""
    rng = draft.rng("rates")
    days = [draft.spec.start.date() + timedelta(days=day) for day in range(-1, draft.spec.weeks * 7 + 1)]
    walk = _RATE * np.exp(np.cumsum(rng.normal(0, 0.003, len(days))))
    moves = draft.spec.start.date() + timedelta(days=int(draft.spec.weeks * 7 * 0.6))
    return PriceList(moves, {day: round(float(rate), 5) for day, rate in zip(days, walk, strict=True)})


def price_rows(prices: PriceList) -> list[dict[str, Any]]:
    """The table `prices`."""
    rows = []
    for region in REGION_FACTOR:
        for sku, (unit, _) in LIST_USD.items():
            for capacity in CAPACITY_FACTOR:
                for since in (_SINCE, prices.moves) if region == MOVING_REGION else (_SINCE,):
                    rows.append(
                        {
                            "region": region, "sku": sku, "capacity_type": capacity, "unit": unit,
                            "price": prices.price(region, sku, capacity, since),
                            "currency": prices.currency(region, since), "since": since, "source": "invented",
                        }
                    )  # fmt: skip
    return rows


def rate_rows(prices: PriceList) -> list[dict[str, Any]]:
    """The table `rates`."""
    return [
        {"day": day, "base": NEW_CURRENCY, "quote": CURRENCY, "rate": rate, "source": "invented"}
        for day, rate in prices.usd_per_eur.items()
    ]
