"""`outcomes.programmes`: whether a month closes over a line of a scheme's programme, and how many more may come.

What will still come in a month comes mostly of payments that are made already: of each week of them, what is ahead by
its delays, times what is known of the week itself. How far off such a forecast lies is taken from the same forecast
for the last weeks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa

from ...core.clock import Deadline
from ..windows import to_us
from .backends.returns import DAY_US, ReturnsAsked, ReturnsBackend
from .cohort_types import BreachState, Forecast, ProgrammesArgs, ProgrammesResult
from .cohorts import day_of, days_of, inside, number_of, triangles
from .programme_book import Programme, Tier
from .spread import Spread
from .tally import Floats
from .triangle import WEEK, projections

_WEEKS = 52
_LEAST_WEEKS = 8
_STALE_DAYS = 3
_MOST_UNNAMED = 0.02
"""What does not say its scheme may belong to any: with more of it than this a count would be too low."""
_LIKELY = 0.5
_OVER = 0.999
_LEAST_ERROR = 0.05
"""A forecast of arrivals is never taken to be surer than by a twentieth."""
_BACK = 6
"""So many earlier weeks are foretold to see how far off the forecast lies."""
_ROUGH = 0.3
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_ORDER: dict[BreachState, int] = {"over": 0, "likely": 1, "at_risk": 2, "unknown": 3, "clear": 4}


def foretell(
    backend: ReturnsBackend, programmes: tuple[Programme, ...], args: ProgrammesArgs, deadline: Deadline
) -> ProgrammesResult | None:
    """Foretell this month and the next by each tier that holds then; `None` without two weeks of payments."""
    asked = to_us(args.until) // DAY_US
    days = days_of(backend, asked, _WEEKS, deadline)
    if days is None:
        return None
    found = [
        each for one in programmes for each in _OneProgramme(backend, one, days, deadline).forecasts(asked - days.stop)
    ]
    found.sort(key=lambda each: (_ORDER[each.state], -(each.probability or 0.0), each.month))
    return ProgrammesResult(
        until=day_of(days.stop),
        forecasts=tuple(found),
        in_trouble=sum(each.state in ("over", "likely", "at_risk") for each in found),
        unknown=sum(each.state == "unknown" for each in found),
    )


@dataclass(frozen=True)
class _Month:
    """What is known and foretold of one month: counts so far, what is still to come, payments and their wobble."""

    counted: int
    coming: Spread
    payments: float
    payments_error: float


class _OneProgramme:
    def __init__(self, backend: ReturnsBackend, programme: Programme, days: range, deadline: Deadline) -> None:
        self._of, self._days = programme, days
        asked = ReturnsAsked(
            days.start, days.stop, programme.counts, programme.where, programme.only, programme.without
        )
        self._found = backend.returns(asked, deadline)
        self._unfed = [kind for kind in programme.counts if backend.oldest(kind, days.stop, deadline) is None]
        self._unnamed = backend.unnamed(asked, deadline)
        self._paid = _daily(self._found.payments, "day", days)
        self._came = _daily(self._found.returned, "came", days)
        self._traced = _daily(inside(self._found.returned, days), "came", days)
        self._ticket = self._tickets()

    def forecasts(self, stale: int) -> Iterator[Forecast]:
        """Args: `stale` is how many days the newest payment is behind the moment that was asked for."""
        month = day_of(self._days.stop).replace(day=1)
        why = self._why_unknown(stale)
        for first in (month, _next(month)):
            tiers = [tier for tier in self._of.tiers if tier.holds(first)]
            if why:
                yield from (self._unknown(tier, first, why) for tier in tiers)
            elif tiers:
                known = self._month(first)
                yield from (self._forecast(tier, first, known) for tier in tiers)

    def _why_unknown(self, stale: int) -> str:
        if not self._paid.any():
            return "no payment meets its conditions"
        if self._unfed:
            return f"nobody ever wrote down a {self._unfed[0].replace('_', ' ')} here"
        lacking = max(self._unnamed, key=lambda name: self._unnamed[name], default="")
        if lacking and self._unnamed[lacking] > _MOST_UNNAMED:
            return f"{self._unnamed[lacking]:.0%} of what came back does not say its {lacking}"
        if len(self._days) < _LEAST_WEEKS * WEEK:
            return f"there are fewer than {_LEAST_WEEKS} weeks of payments"
        if stale > _STALE_DAYS:
            return f"the newest payment is {stale} days old"
        return ""

    def _month(self, first: date) -> _Month:
        start, end = number_of(first), number_of(_next(first))
        begin = self._days.start
        mean = self._mean(len(self._days), max(start, self._days.stop) - begin, end - begin)
        coming = Spread(mean, mean + mean * mean * self._error**2)
        if self._of.over == "previous_month":
            start, end = number_of((first - timedelta(days=1)).replace(day=1)), start
        payments, wobble = self._payments(start, end)
        counted = round(self._between(self._came, number_of(first), number_of(_next(first))))
        return _Month(counted, coming, payments, wobble)

    @cached_property
    def _error(self) -> float:
        """How far off the forecast lies, as a share: by the same forecast of the last weeks, each a week ahead."""
        errors = []
        for back in range(1, _BACK + 1):
            then = len(self._days) - WEEK * back
            foretold = self._mean(then, then, then + WEEK) if then >= (_LEAST_WEEKS - 1) * WEEK else 0.0
            if foretold > 0:
                # What a Poisson count would miss by anyway is no error of the forecast.
                errors.append((float(self._came[then : then + WEEK].sum()) / foretold - 1) ** 2 - 1 / foretold)
        return math.sqrt(max(float(np.mean(errors)), _LEAST_ERROR**2)) if errors else _ROUGH

    def _mean(self, now: int, begin: int, end: int) -> float:
        """Expected count from day `begin` to `end`, both counted in the history, out of its first `now` days."""
        skipped = now % WEEK
        days = range(self._days.start + skipped, self._days.start + now)
        seen = triangles(self._found, days)[""]
        shares = seen.shares()
        # Payments that are still to be made come back like a usual week.
        ahead = self._future(now, end)
        paid = np.concatenate([self._paid[skipped:now], ahead])
        factors = np.repeat([each.factor for each in projections(seen)], WEEK)
        weight = np.concatenate([factors, np.ones(len(ahead))])
        place = np.arange(skipped, skipped + len(paid))[:, None]
        comes = place + np.arange(len(shares))[None, :]
        counted = (paid * weight)[:, None] * shares[None, :] * ((comes >= begin) & (comes < end))
        # What comes without the day of its payment, or of payments before the history, comes at its usual share.
        lately = slice(max(now - _BACK * WEEK, 0), now)
        traced = float(self._traced[lately].sum())
        return float(counted.sum()) * (float(self._came[lately].sum()) / traced if traced else 1.0)

    def _future(self, now: int, end: int) -> Floats:
        """(end - now,) payments expected on each day from now on, by the day of the week over four weeks."""
        recent = self._paid[max(now - 4 * WEEK, now % WEEK) : now]
        usual = recent[len(recent) % WEEK :].reshape(-1, WEEK).mean(axis=0)
        return np.resize(usual, max(end - now, 0))

    def _payments(self, start: int, end: int) -> tuple[float, float]:
        """Payments of some days, foretold from today on, and the relative error of that."""
        known = self._between(self._paid, start, end)
        ahead = self._future(len(self._days), end - self._days.start)[max(start - self._days.stop, 0) :]
        rest = float(ahead.sum())
        weeks = self._paid.reshape(-1, WEEK).sum(axis=1)[-8:]
        wobble = float(np.std(weeks) / max(np.mean(weeks), 1e-9))
        if start < self._days.start:
            # A month that began before the history is only known from its later part.
            known *= (end - start) / max(min(end, self._days.stop) - self._days.start, 1)
        whole = known + rest
        return whole, wobble * rest / whole if whole else 0.0

    def _between(self, values: Floats, start: int, end: int) -> float:
        first = self._days.start
        return float(values[max(start - first, 0) : max(end - first, 0)].sum())

    def _forecast(self, tier: Tier, first: date, month: _Month) -> Forecast:
        least = max(tier.at_least, self._least_by_amount(tier))
        needed = max(least, math.ceil(tier.ratio * month.payments - 1e-9))
        probability = self._probability(tier, month, least)
        expected = month.counted + month.coming.mean
        state: BreachState = "clear"
        if month.counted >= needed and probability >= _OVER:
            state = "over"
        elif probability >= _LIKELY:
            state = "likely"
        elif probability >= self._of.warn_at:
            state = "at_risk"
        return Forecast(
            programme=self._of.name,
            tier=tier.name,
            month=first,
            state=state,
            probability=round(probability, 4),
            counted=month.counted,
            counted_low=month.counted + month.coming.quantile(0.05),
            counted_high=month.counted + month.coming.quantile(0.95),
            payments=round(month.payments, 1),
            ratio=round(expected / month.payments, 6) if month.payments else None,
            limit_ratio=tier.ratio,
            limit_count=needed,
            allowed=needed - 1 - month.counted,
            why="",
        )

    @staticmethod
    def _probability(tier: Tier, month: _Month, least: int) -> float:
        """Over the payments that the month may have, how often enough comes."""
        total = 0.0
        for node, weight in zip(_NODES, _WEIGHTS / _WEIGHTS.sum(), strict=True):
            payments = max(month.payments * (1 + month.payments_error * float(node)), 0.0)
            if payments < max(tier.at_least_payments, 1):
                continue
            needed = max(least, math.ceil(tier.ratio * payments - 1e-9))
            total += float(weight) * month.coming.at_least(needed - month.counted)
        return min(total, 1.0)

    def _least_by_amount(self, tier: Tier) -> int:
        """An amount as a count, at the usual amount of what comes back; out of reach where its currency never does."""
        if tier.least_amount is None:
            return 0
        ticket = self._ticket.get(tier.least_amount.currency)
        return math.ceil(tier.least_amount.amount_minor / ticket) if ticket else 10**9

    def _tickets(self) -> dict[str, float]:
        """Amount of a currency that comes back for everything that is counted."""
        columns = ("currency", "amount_minor")
        amounts: dict[str, float] = {}
        for currency, amount in zip(*(self._found.returned[name].to_pylist() for name in columns), strict=True):
            amounts[currency] = amounts.get(currency, 0.0) + amount
        whole = float(self._came.sum())
        return {currency: amount / whole for currency, amount in amounts.items() if whole and amount > 0}

    def _unknown(self, tier: Tier, first: date, why: str) -> Forecast:
        return Forecast(
            programme=self._of.name,
            tier=tier.name,
            month=first,
            state="unknown",
            probability=None,
            counted=round(self._between(self._came, number_of(first), number_of(_next(first)))),
            counted_low=None,
            counted_high=None,
            payments=None,
            ratio=None,
            limit_ratio=tier.ratio,
            limit_count=tier.at_least,
            allowed=None,
            why=why,
        )


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _daily(table: pa.Table, column: str, days: range) -> Floats:
    """(D,) payments by day."""
    found: Floats = np.zeros(len(days))
    np.add.at(found, table[column].to_numpy() - days.start, table["payments"].to_numpy())
    return found
