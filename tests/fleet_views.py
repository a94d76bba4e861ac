"""Fleet views made by hand: some workloads, their half hours, a price list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from opswarden.tools.fleets.half_hours import HALVES_OF_WEEK, HalfHours
from opswarden.tools.fleets.list_prices import ListPrices
from opswarden.tools.fleets.subjects import Floats, Occasion, SizeChange, Subject
from opswarden.tools.fleets.view import FleetView

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
GIB = float(2**30)
PRICES = {
    "cpu": 0.03,
    "memory": 0.004,
    "gpu:L4": 0.7,
    "gpu:A100-80GB": 3.4,
    "gpu:H100-80GB": 6.5,
    "volume:ssd": 0.0001,
    "g5.xlarge": 1.0,
    "g6f.xlarge": 0.25,
    "g6f.2xlarge": 0.5,
}


def prices(**more: float) -> ListPrices:
    """A list that holds in one region; committed capacity costs six tenths."""
    found = {("here", sku, "on_demand"): price for sku, price in {**PRICES, **more}.items()}
    found |= {("here", sku, "committed"): price * 0.6 for sku, price in PRICES.items()}
    return ListPrices("USD", found)


def subject(name: str = "oven", sizes: Mapping[str, float] | None = None, **facts: Any) -> Subject:
    """A workload whose sizes hold since long ago."""
    given = {"cpu": 1.0, "memory": 2 * GIB} if sizes is None else sizes
    changes = tuple(SizeChange(0, resource, value, None, "person") for resource, value in given.items())
    return Subject(**{"name": name, "kind": "serving", "region": "here", "team": "bakery", "sizes": changes, **facts})


def halves(weeks: int = 8) -> int:
    """Half hours of so many weeks."""
    return weeks * HALVES_OF_WEEK


def flat(value: float, weeks: int = 8) -> Floats:
    """The same value all the time."""
    return np.full(halves(weeks), value)


def view(
    subjects: Sequence[Subject],
    series: Mapping[tuple[str, str], Floats],
    *,
    start: datetime = MONDAY,
    occasions: Sequence[Occasion] = (),
    starts: Mapping[str, tuple[int, ...]] | None = None,
    listed: ListPrices | None = None,
) -> FleetView:
    """A view; NaN stands for half hours without a sample, all others had six."""
    count = len(next(iter(series.values()))) if series else halves()
    start_us = int(start.timestamp() * 1e6)
    usage = HalfHours(
        start_us,
        count,
        {key: np.asarray(values, float) for key, values in series.items()},
        {key: np.where(np.isfinite(values), 6, 0).astype(np.int64) for key, values in series.items()},
    )
    return FleetView(
        environment="production",
        start=start,
        end=start + timedelta(minutes=30 * count),
        subjects=tuple(subjects),
        usage=usage,
        prices=listed or prices(),
        occasions=tuple(occasions),
        starts=starts or {},
    )
