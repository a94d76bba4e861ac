"""Exact amounts as results show them: in whole cents that still add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from ..summary import one_line
from .allocation import Assigned
from .decompose import Move
from .exchange import Rate
from .invoice import InvoicePart, InvoiceTie
from .lines import Line
from .llm_spend import ModelUse
from .money import ZERO, cents_that_tie, share, to_cents, total
from .periods import MovePart
from .types import (
    CostGroup,
    EvidenceRow,
    GroupBy,
    GroupMoved,
    InvoiceShown,
    ModelUseShown,
    Mover,
    NotExchanged,
    PartShown,
    RateUsed,
)

K = TypeVar("K")


def cents(parts: Mapping[K, Decimal], currency: str) -> dict[K, float]:
    """Parts of a sum in whole cents, that add up to the sum in whole cents."""
    return {
        key: float(amount) for key, amount in zip(parts, cents_that_tie(tuple(parts.values()), currency), strict=True)
    }


def groups(
    assigned: Iterable[Assigned], by: GroupBy, currency: str, limit: int
) -> tuple[list[CostGroup], CostGroup | None]:
    """The costliest groups, and the rest as one."""
    sums: dict[str, list[Decimal]] = {}
    for one in assigned:
        name = one.line.service if by == "service" else getattr(one.owner, by)
        own = sums.setdefault(name, [ZERO, ZERO, ZERO])
        for place, amount in enumerate((one.line.effective, one.line.billed, one.line.listed or ZERO)):
            own[place] = total((own[place], amount))
    ordered = sorted(sums, key=lambda name: (-abs(sums[name][0]) - abs(sums[name][1]), name))
    if len(ordered) > limit:
        sums["\0rest"] = [total(sums[name][place] for name in ordered[limit:]) for place in range(3)]
        for name in ordered[limit:]:
            del sums[name]
        ordered = [*ordered[:limit], "\0rest"]
    columns = [cents({name: sums[name][place] for name in ordered}, currency) for place in range(3)]
    whole = total(sums[name][0] for name in ordered)
    shown = [
        CostGroup(
            name=one_line(name.removeprefix("\0")),
            effective=columns[0][name],
            billed=columns[1][name],
            listed=columns[2][name],
            share=share(sums[name][0], whole),
        )
        for name in ordered
    ]
    has_rest = bool(ordered) and ordered[-1] == "\0rest"
    return (shown[:-1], shown[-1]) if has_rest else (shown, None)


def invoice_shown(tie: InvoiceTie) -> InvoiceShown:
    """An invoice and its parts."""
    parts: dict[InvoicePart, float] = cents(dict(tie.parts), tie.currency)
    return InvoiceShown(
        issuer=one_line(tie.issuer),
        period=tie.period,
        currency=tie.currency,
        rows=tie.rows,
        billed=float(to_cents(tie.billed, tie.currency)),
        parts=parts,
        residual=float(tie.residual),
        invoice=float(tie.invoice),
        is_given=tie.is_given,
        rounding=float(tie.rounding),
        ties=tie.ties,
    )


def not_exchanged(lines: Iterable[Line]) -> tuple[NotExchanged, ...]:
    """What has no rate, by currency."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.currency, []).append(line)
    return tuple(
        NotExchanged(
            currency=currency,
            billed=float(to_cents(total(line.billed for line in members), currency)),
            lines=len(members),
        )
        for currency, members in sorted(found.items())
    )


def rates_shown(rates: Sequence[Rate]) -> tuple[RateUsed, ...]:
    """The first and the last rate of each currency."""
    found: dict[str, list[Rate]] = {}
    for rate in sorted(rates, key=lambda rate: (rate.base, rate.day)):
        found.setdefault(rate.base, []).append(rate)
    ends = [rate for own in found.values() for rate in ((own[0], own[-1]) if len(own) > 1 else own)]
    return tuple(
        RateUsed(base=rate.base, quote=rate.quote, value=float(rate.value), day=rate.day, through=rate.through)
        for rate in ends
    )


def parts_shown(parts: Mapping[MovePart, Decimal], currency: str) -> tuple[PartShown, ...]:
    """The reasons, the largest first; those of less than a cent are left out of the list."""
    shown = cents(parts, currency)
    return tuple(
        PartShown(part=part, amount=amount)
        for part, amount in sorted(shown.items(), key=lambda item: -abs(item[1]))
        if amount
    )


def group_moved(name: str, move: Move, currency: str) -> GroupMoved:
    """How a group moved."""
    before, after = to_cents(move.before, currency), to_cents(move.after, currency)
    return GroupMoved(
        name=one_line(name),
        before=float(before),
        after=float(after),
        difference=float(to_cents(move.difference, currency)),
        parts=parts_shown(move.parts, currency),
    )


def mover(move: Move, currency: str) -> Mover:
    """What moved, with where to look it up."""
    group = group_moved("", move, currency)
    return Mover(
        workload=one_line(move.entity.workload),
        team=one_line(move.entity.team),
        service=one_line(move.entity.service),
        before=group.before,
        after=group.after,
        difference=group.difference,
        parts=group.parts,
        unit=one_line(move.unit),
        quantity_before=float(move.quantity_before),
        quantity_after=float(move.quantity_after),
        evidence=tuple(
            EvidenceRow(file=one_line(origin.file), first_row=origin.first_row, rows=origin.rows)
            for origin in move.evidence
        ),
    )


def model_use_shown(use: ModelUse) -> ModelUseShown:
    """What was asked of a model."""
    return ModelUseShown(
        team=one_line(use.team),
        use=one_line(use.use),
        model=one_line(use.model),
        requests=use.requests,
        tokens_in=use.tokens_in,
        tokens_cached=use.tokens_cached,
        tokens_out=use.tokens_out,
        usd=use.cost_microusd / 1e6,
        repeated=use.repeated,
    )


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)
