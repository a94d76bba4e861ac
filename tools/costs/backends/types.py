"""What a bill has to be able to do, and what is told of how it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from ....core.clock import Deadline
from ..allocation import Catalogue, Driver
from ..exchange import Rates
from ..lines import HourlyUse, Line
from ..llm_spend import ModelUse
from ..prices import PriceList
from ..settings import CostRules
from ..unit_costs import Counted

MOST_LINES = 600_000
"""About a gigabyte of them, and ten seconds of CPU: a year of a large bill is asked for month by month."""


@dataclass(frozen=True)
class Problem:
    """Rows of a file with the same thing wrong.

    Args:
        first_row: the first of them, from 1, among those that could be read; 0 where it is not known.
        is_set_aside: whether the rows are in no sum, because there is no amount, currency or period to add them by.
    """

    file: str
    what: str
    rows: int
    first_row: int
    is_set_aside: bool


@dataclass(frozen=True)
class Replaced:
    """What a later delivery of the same period, issuer and account replaced."""

    file: str
    period: date
    issuer: str
    rows: int
    billed: Decimal
    currency: str


@dataclass(frozen=True)
class Duplicates:
    """Rows that are equal to an earlier one in every column; they are kept, for FOCUS rows have no identity.

    Args:
        one_in: how many rows one counted row stands for: a large bill is looked at in a sample.
    """

    rows: int
    billed: Decimal
    currency: str
    one_in: int


@dataclass(frozen=True)
class BillReading:
    """How a bill was read.

    Args:
        rows: of all files, those set aside and replaced included.
        versions: of FOCUS, by the columns that are there.
        currencies: the one with the most rows first.
        services: as providers call them, the one with the most rows first.
    """

    files: int
    rows: int
    versions: tuple[str, ...]
    first: date | None
    last: date | None
    currencies: tuple[str, ...]
    services: tuple[str, ...]
    problems: tuple[Problem, ...]
    replaced: tuple[Replaced, ...]
    duplicates: tuple[Duplicates, ...]


class BillReader(Protocol):
    """A bill that is open."""

    @property
    def reading(self) -> BillReading:
        """How it was read."""
        ...

    def lines(
        self, start: date, end: date, currency: str, deadline: Deadline | None = None, *, by_day: bool = False
    ) -> tuple[Line, ...]:
        """Charges of the days `[start, end)`; those in another currency day by day, so that each has its rate.

        Args:
            start: first day.
            end: the day after the last.
            currency: whose charges are added up over days.
            deadline: when to give up.
            by_day: keep days of every currency apart, and leave out what only tells one SKU from another.

        Raises:
            BackendError: there are more than `MOST_LINES`, it did not answer, or not before the deadline.
        """
        ...

    def invoiced(self, start: date, end: date, deadline: Deadline | None = None) -> tuple[Line, ...]:
        """Charges of the billing periods that begin in `[start, end)`, whatever day they are of, in their currency.

        Raises:
            BackendError: as for `lines`.
        """
        ...

    def hourly(self, start: date, end: date, currency: str, deadline: Deadline | None = None) -> tuple[HourlyUse, ...]:
        """Usage of compute that was priced by the hour, hour by hour; empty where charges are longer than an hour.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...


class CostsBackend(Protocol):
    """Where bills, prices and owners come from."""

    @property
    def environment(self) -> str:
        """The environment that the costs are of."""
        ...

    @property
    def currency(self) -> str:
        """What amounts are stated in."""
        ...

    @property
    def rules(self) -> CostRules:
        """What people say about the bill."""
        ...

    def bill(self) -> BillReader | None:
        """The bill, open; `None` if there is none.

        Raises:
            InputError: it cannot be used.
        """
        ...

    def catalogue(self) -> Catalogue:
        """Workloads and inventory, as far as costs go."""
        ...

    def rates(self) -> Rates:
        """Exchange rates."""
        ...

    def prices(self) -> PriceList:
        """Price lists."""
        ...

    def counts(self, start: date, end: date) -> tuple[Counted, ...]:
        """How often what happened, by day."""
        ...

    def weights(self, start: date, end: date) -> Mapping[Driver, Mapping[str, Decimal]]:
        """What each workload used, for each driver of shared costs."""
        ...

    def idle(self, start: date, end: date) -> Mapping[str, float]:
        """Per workload with usage, the share of its GPUs, or cores if it has none, that nobody used (0 to 1)."""
        ...

    def model_uses(self, start: date, end: date) -> tuple[ModelUse, ...]:
        """What was asked of language models."""
        ...

    def own_uses(self, start: date, end: date) -> tuple[ModelUse, ...] | None:
        """What this toolkit asked of language models; `None` where its records are not at hand."""
        ...
