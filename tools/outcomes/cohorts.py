"""`outcomes.chargebacks`: of which weeks of payments more comes back than of earlier ones at equal age, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from ...core.clock import Deadline
from ..arrow import compute as pc
from ..summary import one_line
from ..windows import to_us
from .analysis import money_of
from .backends.returns import DAY_US, Returns, ReturnsAsked, ReturnsBackend
from .cohort_types import ChargebacksArgs, ChargebacksResult, Cohort, Development, WorseSegment
from .tally import Places
from .triangle import WEEK, Level, Triangle, levels, projections, triangle_of
from .types import Dimension

LONGEST_WEEKS = 26
"""Card schemes give issuers 120 days for most disputes, some of them from the day of delivery; six months hold both."""
_ALPHA = 0.01
"""Of a whole answer: how often it may name a week of a history in which weeks differ by chance alone."""
_LEAST_RATIO = 1.25
_LEAST_EXTRA = 5.0
_EPOCH = date(1970, 1, 1)
_AGES = (1, 2, 4, 8, 13, 26)

TRIANGLE_COLUMNS = pa.schema(
    [
        ("week", pa.date32()),
        ("delay_weeks", pa.int64()),
        ("payments", pa.int64()),
        ("exposed", pa.float64()),
        ("returned", pa.int64()),
    ]
)
"""Columns of the artifact: the triangle of all payments."""


def chargebacks(backend: ReturnsBackend, args: ChargebacksArgs, deadline: Deadline) -> Cohorts | None:
    """The weeks that end before `args.until`, judged; `None` where there are not two weeks of payments."""
    days = days_of(backend, to_us(args.until) // DAY_US, args.weeks, deadline)
    return None if days is None else Cohorts(backend, args, days, deadline)


def days_of(backend: ReturnsBackend, until: int, most_weeks: int, deadline: Deadline) -> range | None:
    """Whole weeks of days up to the newest payment; `None` if there are not two."""
    newest, oldest = backend.newest(until, deadline), backend.oldest("approved", until, deadline)
    if newest is None or oldest is None:
        return None
    weeks = min((newest + 1 - oldest) // WEEK, most_weeks)
    return range(newest + 1 - weeks * WEEK, newest + 1) if weeks > 1 else None


class Cohorts:
    """Weeks of payments, all together and part by part, and which of them are worse than those before them."""

    def __init__(self, backend: ReturnsBackend, args: ChargebacksArgs, days: range, deadline: Deadline) -> None:
        self._args, self._days = args, days
        whole = self._of(backend, "", deadline)
        self._returned = whole.returned
        self.triangle = triangles(whole, days)[""]
        self._judged = min(args.recent_weeks, len(self.triangle.payments))
        # The whole is judged as one among its weeks, parts among all parts: a bad week is not lost among many parts.
        self._all = self._judge(self.triangle, self._judged)
        values = backend.dimensions(days.start, days.stop, deadline)
        tests = self._judged * sum(values.values())
        self._worse = [
            each
            for dimension in values
            for value, triangle in triangles(self._of(backend, dimension, deadline), days).items()
            if value
            for each in self._worse_weeks(dimension, value, triangle, tests)
        ]

    def _of(self, backend: ReturnsBackend, by: str, deadline: Deadline) -> Returns:
        return backend.returns(ReturnsAsked(self._days.start, self._days.stop, (self._args.counts,), by=by), deadline)

    def _judge(self, triangle: Triangle, tests: int) -> list[tuple[Level | None, bool]]:
        def is_worse(came: float, level: Level) -> bool:
            extra = came - level.expected
            is_much = came >= _LEAST_RATIO * level.expected and extra >= _LEAST_EXTRA
            return is_much and level.as_many(came) < _ALPHA / max(tests, 1)

        found = levels(triangle, self._judged, is_worse)
        came = triangle.returned.sum(axis=1)[-len(found) :]
        return [
            (each, each is not None and is_worse(float(many), each)) for each, many in zip(found, came, strict=True)
        ]

    def result(self) -> ChargebacksResult:
        """The answer of the tool."""
        cohorts = self._cohorts()
        worse = sorted(self._worse, key=lambda each: (each.expected - each.returned, each.week))
        shares = self.triangle.shares()
        whole = float(shares.sum())
        undated = self._undated()
        return ChargebacksResult(
            until=day_of(self._days.stop),
            cohorts=tuple(cohorts[: self._args.limit]),
            worse=tuple(worse[: self._args.limit]),
            worse_weeks=len({each.week for each in cohorts if each.is_worse} | {each.week for each in worse}),
            judged_weeks=sum(level is not None for level, _ in self._all),
            development=tuple(
                Development(weeks=age, share=round(float(shares[: age * WEEK].sum()) / whole, 3))
                for age in _AGES
                if whole > 0 and age <= self._longest()
            ),
            longest_delay_weeks=self._longest(),
            undated_share=round(undated, 4),
            not_looked_at=self._unseen(undated),
        )

    def _cohorts(self) -> list[Cohort]:
        """The newest first; those of half a history and more have been judged long ago."""
        found = []
        ahead, judged = projections(self.triangle), len(self._all)
        for back, (level, is_worse) in enumerate(reversed(self._all)):
            place = len(ahead) - 1 - back
            each = ahead[place]
            found.append(
                Cohort(
                    week=self._week(place),
                    payments=round(float(self.triangle.payments[place])),
                    returned=round(float(self.triangle.returned[place].sum())),
                    money=money_of(self._money(place)),
                    developed=round(each.developed, 3),
                    expected=None if level is None else round(level.expected, 1),
                    ultimate=round(each.ultimate, 1),
                    ultimate_low=round(each.low, 1),
                    ultimate_high=round(each.high, 1),
                    is_worse=is_worse,
                )
            )
        return found[:judged]

    def _worse_weeks(self, dimension: str, value: str, of: Triangle, tests: int) -> Iterator[WorseSegment]:
        for back, (level, is_worse) in enumerate(reversed(self._judge(of, tests))):
            place = len(of.payments) - 1 - back
            if is_worse and level is not None:
                yield WorseSegment(
                    week=self._week(place),
                    condition=Dimension(name=one_line(dimension), value=one_line(value)),
                    payments=round(float(of.payments[place])),
                    returned=round(float(of.returned[place].sum())),
                    expected=round(level.expected, 1),
                )

    def _money(self, place: int) -> dict[str, float]:
        first = self._days[place * WEEK]
        amounts: dict[str, float] = {}
        columns = ("day", "currency", "amount_minor")
        for day, currency, amount in zip(*(self._returned[name].to_pylist() for name in columns), strict=True):
            if day is not None and first <= day < first + WEEK:
                amounts[currency] = amounts.get(currency, 0.0) + amount
        return amounts

    def _undated(self) -> float:
        count = np.asarray(self._returned["payments"].to_numpy(), np.float64)
        days, came = self._returned["day"].to_pylist(), self._returned["came"].to_pylist()
        without = [day is None or day > later for day, later in zip(days, came, strict=True)]
        return float(count[without].sum() / count.sum()) if count.sum() else 0.0

    def _unseen(self, undated: float) -> tuple[str, ...]:
        found = []
        if any(level is None for level, _ in self._all):
            found.append("weeks with fewer than four weeks before them: there is nothing to compare them with")
        if not self.triangle.returned.sum():
            found.append("whether nothing came back or nobody wrote it down: there is no such outcome at all")
        if undated > 0.05:
            found.append("what came back without the day of its payment: nobody knows its week")
        if self._longest() < LONGEST_WEEKS:
            found.append(f"delays of more than {self._longest()} weeks: the history is no longer")
        return tuple(found)

    def _longest(self) -> int:
        return len(self.triangle.shares()) // WEEK

    def table(self) -> pa.Table:
        """The triangle, row by row."""
        weeks, delays = len(self.triangle.payments), self._longest()
        of = Triangle(
            self.triangle.payments,
            self.triangle.exposure.reshape(weeks, delays, WEEK).mean(axis=2),
            self.triangle.returned.reshape(weeks, delays, WEEK).sum(axis=2),
        )
        rows = [
            (self._week(place), delay, round(float(of.payments[place])), float(seen), round(float(came)))
            for place in range(len(of.payments))
            for delay, (seen, came) in enumerate(zip(of.exposure[place], of.returned[place], strict=True))
            if seen > 0
        ]
        names = TRIANGLE_COLUMNS.names
        return pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)}, schema=TRIANGLE_COLUMNS)

    def _week(self, place: int) -> date:
        return day_of(self._days[place * WEEK])


def day_of(number: int) -> date:
    """The date of a day counted from the epoch."""
    return _EPOCH + timedelta(days=number)


def number_of(day: date) -> int:
    """Days since the epoch."""
    return (day - _EPOCH).days


def triangles(found: Returns, days: range) -> dict[str, Triangle]:
    """A triangle for each value of the dimension that was asked for; of all payments, "" is the only value."""
    weeks = len(days) // WEEK
    longest = longest_of(days)
    names = sorted({*found.payments["value"].to_pylist(), ""})
    place = {name: number for number, name in enumerate(names)}
    payments = np.zeros((len(names), len(days)))
    paid = inside(found.payments, days)
    np.add.at(payments, (_places(paid, place), _ints(paid, "day") - days.start), _ints(paid, "payments"))
    back = inside(found.returned, days)
    # What comes back of a value without any payment belongs to no exposure.
    back = back.filter(pc.is_in(back["value"], value_set=pa.array(names)))
    delay = _ints(back, "came") - _ints(back, "day")
    is_seen = (delay >= 0) & (delay < longest * WEEK)
    returned = np.zeros((len(names), weeks, longest * WEEK))
    at = (_places(back, place), (_ints(back, "day") - days.start) // WEEK, delay)
    np.add.at(returned, tuple(each[is_seen] for each in at), _ints(back, "payments")[is_seen])
    return {name: triangle_of(payments[number], returned[number]) for name, number in place.items()}


def longest_of(days: range) -> int:
    """Weeks of delay that such a history can tell of."""
    return max(min(LONGEST_WEEKS, len(days) // WEEK - 1), 1)


def inside(table: pa.Table, days: range) -> pa.Table:
    """The rows whose payment, and what came back of it, lie within some days."""
    last = "came" if "came" in table.column_names else "day"
    return table.filter(
        pc.and_(pc.greater_equal(table["day"], pa.scalar(days.start)), pc.less(table[last], pa.scalar(days.stop)))
    )


def _places(table: pa.Table, place: Mapping[str, int]) -> Places:
    return np.array([place[value] for value in table["value"].to_pylist()], np.int64)


def _ints(table: pa.Table, name: str) -> Places:
    return np.asarray(table[name].to_numpy(), np.int64)
