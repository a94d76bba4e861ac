"""A line of a bill: charges that differ in nothing but time, added up over a span of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args

from .money import total

ChargeCategory = Literal["Usage", "Purchase", "Tax", "Credit", "Adjustment"]
"""As FOCUS has it; what a file says beside these is told, and counts as an adjustment."""

Capacity = Literal["on_demand", "spot", "committed", "other"]
"""FOCUS' PricingCategory: Standard, Dynamic, Committed, and everything else."""

CostBasis = Literal["effective", "billed", "listed", "contracted"]
"""`effective`: amortised, after discounts and commitments. `billed`: what the invoice says. `listed`: before discounts.
`contracted`: at negotiated prices, before commitments.
"""
CHARGE_CATEGORIES: tuple[ChargeCategory, ...] = get_args(ChargeCategory)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where to look a line up: the file, the first of its rows there (from 1, without the header), and how many."""

    file: str
    first_row: int
    rows: int


@dataclass(frozen=True, slots=True)
class Line:
    """Charges of one kind. Text is "" where the bill says nothing; amounts are exact and in `currency`.

    Args:
        period: the day on which the billing period starts.
        day: on which it was charged; `None` where several days are added up.
        effective: the billed amount where the bill has no effective one.
        listed: `None` where the bill has none; likewise `contracted` and `quantity`.
        quantity: in `unit`, of what the price is per.
        size: an instance type, where the bill says one.
        tags: the text of a JSON object.
    """

    period: date
    day: date | None
    issuer: str
    provider: str
    account: str
    currency: str
    category: ChargeCategory
    charge_class: str
    frequency: str
    capacity: Capacity
    commitment: str
    commitment_name: str
    commitment_type: str
    commitment_status: str
    reservation: str
    reservation_status: str
    service: str
    service_category: str
    region: str
    resource: str
    resource_name: str
    resource_type: str
    sku: str
    size: str
    description: str
    sub_account: str
    invoice: str
    unit: str
    tags: str
    billed: Decimal
    effective: Decimal
    listed: Decimal | None
    contracted: Decimal | None
    quantity: Decimal | None
    origin: Origin

    @property
    def is_correction(self) -> bool:
        """Whether it mends what an earlier invoice said."""
        return self.charge_class == "Correction"

    @property
    def is_unused(self) -> bool:
        """Whether it is paid for and nobody used it: the idle part of a commitment or of reserved capacity."""
        return self.commitment_status == "Unused" or self.reservation_status == "Unused"

    def cost(self, basis: CostBasis) -> Decimal:
        """The amount on a basis; the billed one where the bill has no other."""
        found = {
            "effective": self.effective,
            "billed": self.billed,
            "listed": self.listed,
            "contracted": self.contracted,
        }[basis]
        return self.billed if found is None else found


@dataclass(frozen=True, slots=True)
class HourlyUse:
    """What was used in one hour at one price, whoever used it."""

    hour: datetime
    region: str
    size: str
    service: str
    unit: str
    is_covered: bool
    quantity: Decimal
    listed: Decimal


def sum_of(lines: list[Line] | tuple[Line, ...], basis: CostBasis = "billed") -> Decimal:
    """The exact sum; lines of several currencies must not be given."""
    return total(line.cost(basis) for line in lines)
