"""Invented months of payments of which some come back weeks later: a worse week, a worse part of one, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product

import numpy as np
import pyarrow as pa

from ...tools.outcomes.programme_book import Programme, Tier
from ...tools.outcomes.tally import Floats, Places
from ...tools.snapshots.schema import TABLES

KINDS = ("worse_week", "worse_part")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEK = 7
_LONGEST = 150
_AHEAD = 70
"""Days after the moment of asking that are made as well: what really came."""


@dataclass(frozen=True)
class ChargebackWorld:
    """Outcomes up to a moment, and what is true of them and of the days after.

    Args:
        outcomes: rows as a snapshot has them, before `until`.
        until: the moment of asking.
        kind: what is planted; empty if nothing is.
        week: first day of the planted week.
        part: dimension and value that it is limited to.
        ultimate: by first day of a week, what came back of it in the end.
        programme: a line that the month may cross.
        counted: what came in that month in the end.
        payments: approved in that month in the end.
        counted_so_far: the same at the moment of asking.
    """

    outcomes: pa.Table
    until: datetime
    kind: str
    week: date | None
    part: tuple[str, str] | None
    ultimate: dict[date, int]
    programme: Programme
    counted: int
    payments: int
    counted_so_far: int

    @property
    def is_over(self) -> bool:
        """Whether the month closed over the line."""
        (tier,) = self.programme.tiers
        return self.counted >= max(tier.at_least, tier.ratio * self.payments)


def chargeback_world(seed: int, kind: str = "") -> ChargebackWorld:
    """One world; the same for the same seed."""
    return _Maker(np.random.default_rng((930_000, seed)), kind).world()


class _Maker:
    def __init__(self, rng: np.random.Generator, kind: str) -> None:
        self._rng, self._kind = rng, kind
        self._days = int(rng.integers(26, 46)) * _WEEK
        self._until = date(2031, 3, 3) + timedelta(days=int(rng.integers(0, 360)))
        self._first = self._until - timedelta(days=self._days)
        self._cells = list(product(("AR", "BR", "MX"), ("visa", "mastercard"), ("web", "app")))
        planted = (self._days // _WEEK) - int(rng.integers(4, 8))
        self._week = planted if kind else -1
        self._part = ("country", str(rng.choice(("AR", "BR", "MX")))) if kind == "worse_part" else None
        self._factor = float(rng.uniform(2.2, 3.5) if kind == "worse_part" else rng.uniform(1.8, 3.0))

    def world(self) -> ChargebackWorld:
        paid, came = self._made()
        month = self._until.replace(day=1)
        following = (month + timedelta(days=32)).replace(day=1)
        start, end = (month - self._first).days, (following - self._first).days
        late = np.arange(came.shape[1])[:, None] + np.arange(_LONGEST)[None, :]
        in_month = (late >= start) & (late < end)
        counted = int((came.sum(axis=0) * in_month).sum())
        so_far = int((came.sum(axis=0) * (in_month & (late < self._days))).sum())
        payments = int(paid[:, start:end].sum())
        # On both sides of the line, and often near it.
        rate = float(self._rng.uniform(0.65, 1.5)) * counted / payments
        tier = Tier(name="line", since=date(2030, 1, 1), ratio=min(max(rate, 1e-5), 0.5), at_least=10)
        return ChargebackWorld(
            outcomes=self._rows(paid, came, late),
            until=datetime(self._until.year, self._until.month, self._until.day, tzinfo=UTC),
            kind=self._kind,
            week=self._first + timedelta(days=self._week * _WEEK) if self._kind else None,
            part=self._part,
            ultimate={
                self._first + timedelta(days=place * _WEEK): int(came[:, place * _WEEK : (place + 1) * _WEEK].sum())
                for place in range(self._days // _WEEK)
            },
            programme=Programme(
                name="scheme", source="invented", counts=("chargeback",), over="same_month", tiers=(tier,)
            ),
            counted=counted,
            payments=payments,
            counted_so_far=so_far,
        )

    def _made(self) -> tuple[Places, Places]:
        """(cells, days) payments, and (cells, days, delays) what came back of them."""
        rng, days = self._rng, self._days + _AHEAD
        a_day = float(rng.uniform(4_000, 12_000)) * rng.dirichlet(np.full(len(self._cells), 3.0))
        rhythm = np.array([1.0, 1.0, 1.02, 1.05, 1.2, 1.25, 0.9])[np.arange(days) % _WEEK]
        drift = np.exp(np.cumsum(rng.normal(0, 0.02, days // _WEEK + 1)))[np.arange(days) // _WEEK]
        paid = rng.poisson(a_day[:, None] * rhythm * drift)
        rate = float(rng.uniform(0.003, 0.009)) * np.exp(rng.normal(0, 0.3, len(self._cells)))
        wobble = np.exp(rng.normal(0, 0.07, days // _WEEK + 1))[np.arange(days) // _WEEK]
        hit = np.ones((len(self._cells), days))
        if self._kind:
            chosen = [self._part is None or self._part[1] in cell for cell in self._cells]
            hit[np.ix_(chosen, range(self._week * _WEEK, (self._week + 1) * _WEEK))] = self._factor
        back = rng.poisson(paid * rate[:, None] * wobble * hit)
        return paid, rng.multinomial(back, self._delays())

    def _delays(self) -> Floats:
        """Few on the first days, most after some weeks, some after months."""
        days = np.arange(_LONGEST) + 0.5
        shape, scale = float(self._rng.uniform(1.5, 2.5)), float(self._rng.uniform(14, 22))
        weight = days ** (shape - 1) * np.exp(-days / scale)
        found: Floats = weight / weight.sum()
        return found

    def _rows(self, paid: Places, came: Places, late: Places) -> pa.Table:
        rows = []
        for place, (country, scheme, channel) in enumerate(self._cells):
            named = {"country": country, "labels": [("scheme", scheme), ("channel", channel)]}
            for day in range(self._days):
                rows.append(self._row(day, "approved", int(paid[place, day]), named))
                paid_at = ("paid_at", f"{self._first + timedelta(days=day):%Y-%m-%d}")
                dated = {**named, "labels": [*named["labels"], paid_at]}
                for delay in np.flatnonzero(came[place, day]).tolist():
                    if late[day, delay] < self._days:
                        rows.append(self._row(day + delay, "chargeback", int(came[place, day, delay]), dated))
        return pa.Table.from_pylist(rows, schema=TABLES["outcomes"])

    def _row(self, day: int, outcome: str, count: int, named: Mapping[str, object]) -> dict[str, object]:
        at = self._first + timedelta(days=day)
        noon = datetime(at.year, at.month, at.day, 12, tzinfo=UTC)
        return {
            "ts": noon,
            "entity": "payments",
            "issuer": "bank",
            "provider": "psp",
            "outcome": outcome,
            "response_code": "00",
            "count": count,
            "amount_minor": 3_000 * count,
            "currency": "USD",
            **named,
        }
