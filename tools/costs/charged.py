"""The charges of some days: whose they are, as they were billed and in the currency of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ...core.clock import Deadline
from .allocation import Assigned, allocate, by_country
from .backends.types import BillReader, CostsBackend
from .exchange import Rate, exchanged
from .lines import Line
from .savings import SavingBook, SubjectCost, subject_costs

Pair = tuple[Assigned, Assigned]
"""A charge in the currency of the report, and as it was billed."""

_SCORED = "scored"


@dataclass(frozen=True)
class Charges:
    """Charges with their owners.

    Args:
        pairs: in the currency of the report, and as billed.
        missing: what has no rate for its day.
        rates: that were used.
        rules: that shared something, in words.
    """

    pairs: tuple[Pair, ...]
    missing: tuple[Line, ...]
    rates: tuple[Rate, ...]
    rules: tuple[str, ...]

    @property
    def ours(self) -> tuple[Assigned, ...]:
        """In the currency of the report."""
        return tuple(one for one, _ in self.pairs)


@dataclass(frozen=True)
class Wanted:
    """Which charges are asked for.

    Args:
        start: first day.
        end: the day after the last.
        by_day: keep days apart.
        splits_countries: share what serves all countries out by the payments of each.
        only: which of them; all unless given.
    """

    start: date
    end: date
    by_day: bool = False
    splits_countries: bool = False
    only: Callable[[Assigned], bool] | None = field(default=None)


def charges(backend: CostsBackend, bill: BillReader, wanted: Wanted, deadline: Deadline | None = None) -> Charges:
    """The charges of some days, owned and exchanged.

    Raises:
        BackendError: the bill did not answer.
    """
    lines = bill.lines(wanted.start, wanted.end, backend.currency, deadline, by_day=wanted.by_day)
    weights = backend.weights(wanted.start, wanted.end)
    allocation = allocate(lines, backend.catalogue(), backend.rules.allocation, weights)
    assigned: Iterable[Assigned] = allocation.assigned
    if wanted.splits_countries:
        assigned = by_country(assigned, served(backend, wanted.start, wanted.end))
    chosen = [one for one in assigned if wanted.only is None or wanted.only(one)]
    found = exchanged((one.line for one in chosen), backend.currency, backend.rates())
    left = iter(found.lines)
    gone = {id(line) for line in found.missing}
    pairs = tuple((Assigned(one.owner, next(left)), one) for one in chosen if id(one.line) not in gone)
    return Charges(pairs, found.missing, found.used, allocation.rules)


def served(backend: CostsBackend, start: date, end: date) -> dict[str, dict[str, Decimal]]:
    """Per model, how many payments of each country it scored."""
    found: dict[str, dict[str, Decimal]] = {}
    for one in backend.counts(start, end):
        if one.measure == _SCORED and one.model and one.country:
            own = found.setdefault(one.model, {})
            own[one.country] = own.get(one.country, Decimal(0)) + Decimal(repr(one.count))
    return found


def saving_book(backend: CostsBackend, start: date, end: date, deadline: Deadline | None = None) -> SavingBook:
    """What changes of size would save, by the bill of some days; by list price alone where there is no bill.

    Args:
        backend: of the fleet.
        start: first day of the bill that counts; four weeks before `end` are enough.
        end: the day after the last; prices and rates are those of the day before it.
        deadline: when to give up.

    Raises:
        BackendError: the bill did not answer.
        InputError: the bill cannot be used.
    """
    bill = backend.bill()
    costs: dict[str, SubjectCost] = {}
    last = date.fromordinal(end.toordinal() - 1)
    if bill is not None:
        found = charges(backend, bill, Wanted(start, end, by_day=True), deadline)
        daily: dict[str, dict[date, float]] = {}
        for one in found.ours:
            if one.line.category != "Usage" or one.line.day is None:
                continue
            for subject in {one.owner.workload, one.line.resource} - {""}:
                own = daily.setdefault(subject, {})
                own[one.line.day] = own.get(one.line.day, 0.0) + float(one.line.effective)
        days = [date.fromordinal(day) for day in range(start.toordinal(), end.toordinal())]
        series = {subject: [own.get(day, 0.0) for day in days] for subject, own in daily.items()}
        costs = subject_costs(found.ours, max(len(days), 1), series)
    return SavingBook(costs, backend.prices(), backend.rates(), backend.currency, last)
