"""What one unit of business costs: per 1,000 payments scored, per approved payment; by model and country."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .allocation import Assigned
from .lines import CostBasis
from .money import EXACT, ZERO, total

PER: Mapping[str, int] = {"scored": 1_000}
"""How many of a measure a unit cost is for; 1 unless named here."""

_LEAST_COUNT = 1
_LEAST_TREND = 3


@dataclass(frozen=True)
class Counted:
    """How often something happened on a day. "" for a model or a country means all of them."""

    day: date
    measure: str
    model: str
    country: str
    count: float


@dataclass(frozen=True)
class UnitCost:
    """Cost per unit of one model, country, or both.

    Args:
        per: of how many; 1,000 scored, 1 approved payment.
        cost: of the days that have a count.
        unit: `cost` by `count` times `per`; `None` without a count.
        trend: relative change a week, fitted over the weeks by least squares; `None` with fewer than three whole ones.
    """

    measure: str
    per: int
    model: str
    country: str
    cost: Decimal
    count: float
    unit: Decimal | None
    weeks: tuple[tuple[date, float], ...]
    trend: float | None


def unit_costs(
    days: Mapping[date, Sequence[Assigned]],
    counts: Iterable[Counted],
    by: Sequence[str] = (),
    basis: CostBasis = "effective",
) -> tuple[UnitCost, ...]:
    """The unit cost of every measure, for each value of `by`, the costliest first.

    Only costs of an owner count that the counts are of: by model, those of the model; with nothing to go by, all.

    Args:
        days: charges by day, in one currency.
        counts: of the same days.
        by: `model`, `country`, or both.
        basis: which amount.
    """
    counted: dict[tuple[str, str, str], dict[date, float]] = {}
    for one in counts:
        model = one.model if "model" in by else ""
        country = one.country if "country" in by else ""
        own = counted.setdefault((one.measure, model, country), {})
        own[one.day] = own.get(one.day, 0.0) + one.count
    costs: dict[tuple[str, str], dict[date, Decimal]] = {}
    for day, members in days.items():
        for member in members:
            key = (member.owner.model if "model" in by else "", member.owner.country if "country" in by else "")
            own_days = costs.setdefault(key, {})
            own_days[day] = EXACT.add(own_days.get(day, ZERO), member.line.cost(basis))
    found = [
        _unit_cost(measure, model, country, costs.get((model, country), {}), by_day)
        for (measure, model, country), by_day in counted.items()
        if not by or any((model, country))
    ]
    return tuple(sorted(found, key=lambda one: (one.measure, -one.cost, one.model, one.country)))


def _unit_cost(
    measure: str, model: str, country: str, costs: Mapping[date, Decimal], counts: Mapping[date, float]
) -> UnitCost:
    per = PER.get(measure, 1)
    both = sorted(day for day in counts if day in costs)
    cost, count = total(costs[day] for day in both), sum(counts[day] for day in both)
    unit = EXACT.divide(cost * per, Decimal(str(count))) if count >= _LEAST_COUNT else None
    weeks = _weeks(both, costs, counts, per)
    return UnitCost(measure, per, model, country, cost, count, unit, weeks, _trend([value for _, value in weeks]))


def _weeks(
    days: Sequence[date], costs: Mapping[date, Decimal], counts: Mapping[date, float], per: int
) -> tuple[tuple[date, float], ...]:
    """The unit cost of every whole week from Monday to Sunday."""
    whole: dict[date, list[date]] = {}
    for day in days:
        whole.setdefault(date.fromordinal(day.toordinal() - day.weekday()), []).append(day)
    found = []
    for monday, members in sorted(whole.items()):
        count = sum(counts[day] for day in members)
        if len(members) == 7 and count >= _LEAST_COUNT:
            found.append((monday, float(total(costs[day] for day in members)) * per / count))
    return tuple(found)


def _trend(values: Sequence[float]) -> float | None:
    n = len(values)
    if n < _LEAST_TREND:
        return None
    middle, mean = (n - 1) / 2, sum(values) / n
    slope = sum((at - middle) * value for at, value in enumerate(values)) / sum((at - middle) ** 2 for at in range(n))
    return slope / mean if mean else None
