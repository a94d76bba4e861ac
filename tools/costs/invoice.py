"""That figures tie: everything that is shown adds up to the invoice, and what does not is a line of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from .allocation import Assigned
from .lines import Line
from .money import EXACT, ZERO, to_cents, total

InvoicePart = Literal["owned", "shared", "unattributed", "unused", "purchases", "tax", "credits", "adjustments"]
"""`owned`: usage with a workload or a team. `shared`: split by a rule. `unattributed`: usage that nobody owns.
`unused`: idle parts of commitments and reservations. `purchases`: commitments and other things bought ahead.
"""
INVOICE_PARTS: tuple[InvoicePart, ...] = get_args(InvoicePart)


@dataclass(frozen=True)
class InvoiceTie:
    """One issuer's billing period in one currency.

    Args:
        billed: of every line, exact.
        parts: billed, by what they are; they sum to `billed` exactly.
        invoice: what the invoice says; the billed sum in whole cents where no invoice was given.
        is_given: whether the invoice's total was given.
        effective: of the same lines; `listed` likewise, of those that have a list cost.
        without_list: billed amount of the lines without a list cost.
    """

    issuer: str
    period: date
    currency: str
    lines: int
    rows: int
    billed: Decimal
    effective: Decimal
    listed: Decimal
    without_list: Decimal
    parts: Mapping[InvoicePart, Decimal]
    invoice: Decimal
    is_given: bool

    @property
    def rounding(self) -> Decimal:
        """Invoice less billed."""
        return EXACT.subtract(self.invoice, self.billed)

    @property
    def residual(self) -> Decimal:
        """Billed less the sum of the parts: zero, or something was lost."""
        return EXACT.subtract(self.billed, total(self.parts.values()))

    @property
    def ties(self) -> bool:
        """Whether nothing was lost, and the invoice differs by less than a cent for each of a thousand rows."""
        cents = abs(EXACT.divide(self.rounding, to_cents(Decimal(1), self.currency))) * 100
        return self.residual == 0 and cents <= max(1, self.rows // 1000)


def part_of_invoice(one: Assigned) -> InvoicePart:
    """What a line is on an invoice."""
    line = one.line
    by_category: dict[str, InvoicePart] = {"Tax": "tax", "Credit": "credits", "Adjustment": "adjustments"}
    if line.category in by_category:
        return by_category[line.category]
    if line.is_correction:
        return "adjustments"
    if line.category == "Purchase":
        return "purchases"
    if line.is_unused:
        return "unused"
    if one.owner.how == "shared":
        return "shared"
    return "unattributed" if one.owner.how == "nobody" else "owned"


def ties(
    assigned: Iterable[Assigned], invoices: Mapping[tuple[str, date, str], Decimal] | None = None
) -> tuple[InvoiceTie, ...]:
    """The tie of every issuer, billing period and currency, the largest first.

    Args:
        assigned: all lines of whole billing periods, in the currency they were billed in.
        invoices: totals by issuer, first day of the billing period and currency.
    """
    found: dict[tuple[str, date, str], list[Assigned]] = {}
    for one in assigned:
        found.setdefault((one.line.issuer, one.line.period, one.line.currency), []).append(one)
    given = invoices or {}
    done = [_tie(key, members, given.get(key)) for key, members in found.items()]
    return tuple(sorted(done, key=lambda tie: (-abs(tie.billed), tie.issuer, tie.period, tie.currency)))


def _tie(key: tuple[str, date, str], members: Sequence[Assigned], invoice: Decimal | None) -> InvoiceTie:
    issuer, period, currency = key
    billed = total(one.line.billed for one in members)
    parts: dict[InvoicePart, Decimal] = dict.fromkeys(INVOICE_PARTS, ZERO)
    for one in members:
        part = part_of_invoice(one)
        parts[part] = EXACT.add(parts[part], one.line.billed)
    distinct: dict[tuple[str, int], Line] = {
        (one.line.origin.file, one.line.origin.first_row): one.line for one in members
    }
    return InvoiceTie(
        issuer=issuer,
        period=period,
        currency=currency,
        lines=len(members),
        rows=sum(line.origin.rows for line in distinct.values()),
        billed=billed,
        effective=total(one.line.effective for one in members),
        listed=total(one.line.listed for one in members),
        without_list=total(one.line.billed for one in members if one.line.listed is None),
        parts={part: amount for part, amount in parts.items() if amount},
        invoice=to_cents(billed, currency) if invoice is None else invoice,
        is_given=invoice is not None,
    )
