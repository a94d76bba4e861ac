"""Commitments: what is covered, what lies unused, and what more would pay; spot capacity and who can live on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from ..recommendations.types import (
    Basis,
    Considered,
    Estimate,
    Held,
    Recommendation,
    Risk,
    Saving,
    recommendation_id,
)
from .lines import HourlyUse, Line
from .money import EXACT, ZERO, share, total
from .prices import HOURS_OF_MONTH

LEAST_HISTORY_DAYS = 28
"""Below four weeks a floor is a guess: month-ends and quiet weekends would not be in it."""

_LEAST_HOURS_SEEN = 0.95


@dataclass(frozen=True)
class CommitmentUse:
    """One commitment over some days, at effective cost in the currency of the report.

    Args:
        ends: when its term ends; `None` where the bill does not say, as FOCUS 1.0 to 1.2 do not.
    """

    commitment: str
    name: str
    kind: str
    used: Decimal
    unused: Decimal
    ends: date | None

    @property
    def utilisation(self) -> float | None:
        """Used, of what was paid for."""
        return share(self.used, EXACT.add(self.used, self.unused))


@dataclass(frozen=True)
class CommitmentCover:
    """All commitments together.

    Args:
        coverage: of usage that commitments could cover or do (at list price, spot apart), what they cover.
        net_saving: list cost of what they covered, less everything they cost, the unused part included.
        reservations_unused: paid for capacity reservations that nobody used.
    """

    uses: tuple[CommitmentUse, ...]
    coverage: float | None
    utilisation: float | None
    net_saving: Decimal
    unused: Decimal
    reservations_unused: Decimal


def commitment_cover(lines: Iterable[Line], ends: Mapping[str, date] | None = None) -> CommitmentCover:
    """Coverage, utilisation and net saving of the commitments in a bill.

    Args:
        lines: of some days, in one currency.
        ends: per commitment id, the last day of its term, where somebody keeps that.
    """
    of_commitment: dict[str, list[Line]] = {}
    covered = open_to = idle_capacity = ZERO
    for line in lines:
        if line.category != "Usage" or line.is_correction:
            continue
        if line.reservation_status == "Unused":
            idle_capacity = EXACT.add(idle_capacity, line.effective)
        if line.commitment:
            of_commitment.setdefault(line.commitment, []).append(line)
        listed = line.listed or ZERO
        if line.commitment_status == "Used":
            covered = EXACT.add(covered, listed)
        elif line.capacity == "on_demand" and line.service_category.lower() == "compute":
            open_to = EXACT.add(open_to, listed)
    uses = [_use(name, members, (ends or {}).get(name)) for name, members in of_commitment.items()]
    uses.sort(key=lambda use: (-(use.used + use.unused), use.commitment))
    used, unused = total(use.used for use in uses), total(use.unused for use in uses)
    return CommitmentCover(
        tuple(uses),
        share(covered, EXACT.add(covered, open_to)),
        share(used, EXACT.add(used, unused)),
        EXACT.subtract(covered, EXACT.add(used, unused)),
        unused,
        idle_capacity,
    )


def _use(name: str, lines: Sequence[Line], ends: date | None) -> CommitmentUse:
    used = total(line.effective for line in lines if line.commitment_status != "Unused")
    unused = total(line.effective for line in lines if line.commitment_status == "Unused")
    named = next((line.commitment_name for line in lines if line.commitment_name), "")
    return CommitmentUse(name, named, lines[0].commitment_type, used, unused, ends)


@dataclass(frozen=True)
class Offer:
    """What a provider sells: a share off the list price for a term, paid whether used or not."""

    name: str
    discount: float
    term_months: int

    @property
    def break_even(self) -> float:
        """The share of the hours in which it must be used to cost no more than on demand."""
        return 1.0 - self.discount


def purchase_advice(
    hours: Iterable[HourlyUse], start: date, end: date, offer: Offer, environment: str, currency: str
) -> Considered:
    """Commitments that would have been in use in every hour of the history, and never more than that.

    Only the floor is advised: the least that ran uncovered in any hour, by region and instance type. The floor of the
    first and of the second half must both hold it, so what is only now growing or shrinking is not bought for.

    Args:
        hours: usage of `[start, end)`.
        start: first day.
        end: the day after the last.
        offer: what could be bought.
        environment: of the fleet.
        currency: of the list costs in `hours`.
    """
    wanted = max(int((end - start).total_seconds() // 3600), 1)
    groups: dict[tuple[str, str], dict[datetime, tuple[Decimal, Decimal]]] = {}
    for use in hours:
        held = groups.setdefault((use.region, use.size), {})
        if not use.is_covered:
            quantity, listed = held.get(use.hour, (ZERO, ZERO))
            held[use.hour] = (EXACT.add(quantity, use.quantity), EXACT.add(listed, use.listed))
    found: list[Recommendation] = []
    left: list[Held] = []
    span = (
        datetime(start.year, start.month, start.day, tzinfo=UTC),
        datetime(end.year, end.month, end.day, tzinfo=UTC),
    )
    for (region, size), by_hour in sorted(groups.items()):
        subject = f"{size} in {region}" if region else size
        if (end - start).days < LEAST_HISTORY_DAYS:
            left.append(_held(subject, "short_history", f"{(end - start).days} days of {LEAST_HISTORY_DAYS}"))
            continue
        quantities = sorted(quantity for quantity, _ in by_hour.values())
        if len(quantities) < _LEAST_HOURS_SEEN * wanted:
            left.append(_held(subject, "fits", "nothing runs uncovered all the time"))
            continue
        # An hour that is not in the bill had nothing to bill.
        floor = quantities[0] if len(quantities) >= wanted else ZERO
        if floor < 1:
            left.append(_held(subject, "fits", "less than one runs uncovered in the quietest hour"))
            continue
        whole = Decimal(int(floor))
        mean_price = EXACT.divide(total(cost for _, cost in by_hour.values()), total(quantities))
        found.append(_purchase(subject, environment, currency, whole, float(mean_price), offer, by_hour, span))
    return Considered(recommendations=tuple(found), held=tuple(left))


def _held(subject: str, reason: Literal["short_history", "fits"], detail: str) -> Held:
    return Held(kind="commitment", subject=subject, resource="instances", reason=reason, detail=detail)


def _purchase(
    subject: str,
    environment: str,
    currency: str,
    floor: Decimal,
    price: float,
    offer: Offer,
    by_hour: Mapping[datetime, tuple[Decimal, Decimal]],
    span: tuple[datetime, datetime],
) -> Recommendation:
    listed = float(floor) * price * HOURS_OF_MONTH
    amount = Estimate(
        currency=currency,
        period="month",
        expected=listed * offer.discount,
        # If none of it were used any more, all of the commitment would be lost.
        low=-listed * (1.0 - offer.discount),
        high=listed * offer.discount,
    )
    nothing = Estimate(currency=currency, period="month", expected=0.0, low=0.0, high=0.0)
    quantities = [float(quantity) for quantity, _ in by_hour.values()]
    days = (span[1] - span[0]).days
    return Recommendation(
        id=recommendation_id("commitment", environment, subject, offer.name),
        kind="commitment",
        subject=subject,
        resource="instances",
        team="",
        owner=None,
        environment=environment,
        criticality="normal",
        current={"committed": 0.0},
        proposed={"committed": float(floor), "offer": offer.name, "months": float(offer.term_months)},
        unit="instances",
        saving=Saving(effective=amount, listed=nothing, bill=amount, freed=nothing),
        risk=Risk(
            probability=0.0,
            low=0.0,
            high=1.0 - 0.05 ** (7.0 / days),
            of="a week in which less than the commitment is in use",
            weeks=days // 7,
        ),
        why=(
            f"at least {float(floor):g} ran uncovered in every hour of {days} days; "
            f"{offer.discount:.0%} off pays from {offer.break_even:.0%} use"
        ),
        basis=(
            Basis(what="least in an hour", value=min(quantities), unit="instances"),
            Basis(what="mean", value=sum(quantities) / len(quantities), unit="instances"),
            Basis(what="break-even use", value=offer.break_even, unit="share"),
            Basis(what="list price", value=price, unit=f"{currency} per hour"),
        ),
        history_start=span[0],
        history_end=span[1],
        coverage=len(by_hour) / max((span[1] - span[0]) / timedelta(hours=1), 1.0),
        effort_hours=1.0,
        reversal="never",
        steps=("compare with what is about to be rightsized or stopped: buy only what is left", "buy for one term"),
    )


SpotFit = Literal["fits", "unfit", "unknown"]


def spot_fit(
    kind: str, criticality: str, *, starts_per_week: float | None, start_s: float | None, has_checkpoints: bool
) -> tuple[SpotFit, str]:
    """Whether a workload can live on capacity that is taken away at two minutes' notice, and why.

    Args:
        kind: `WorkloadKind`.
        criticality: `Criticality`.
        starts_per_week: how often a replica starts already; `None` if not known.
        start_s: how long a start takes; `None` if not known.
        has_checkpoints: whether work that is cut off goes on where it was.

    Source: notices are 2 minutes at AWS, 30 seconds at Google Cloud and Azure, as their documentation says.
    """
    if criticality in ("payment_path", "high"):
        return "unfit", "too critical to be taken away"
    if kind in ("store", "notebook"):
        return "unfit", f"a {kind} holds state that a restart loses"
    if kind in ("training", "batch", "pipeline"):
        if kind == "training" and not has_checkpoints:
            return "unfit", "training without checkpoints begins anew each time"
        return "fits", "work that can be cut off goes on later"
    if start_s is None or starts_per_week is None:
        return "unknown", "how long a start takes is not known"
    if start_s > 120:
        return "unfit", f"a start takes {start_s:.0f} s, longer than the notice"
    return "fits", f"a start takes {start_s:.0f} s, within the notice"
