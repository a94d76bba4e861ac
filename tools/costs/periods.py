"""The charges of a period, added up for comparing it with another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from .allocation import Assigned
from .lines import CostBasis, Line, Origin
from .money import EXACT, ZERO, total

MovePart = Literal[
    "volume",
    "price",
    "mix_region",
    "mix_size",
    "mix_capacity",
    "waste",
    "new",
    "gone",
    "fees",
    "one_off",
    "tax_and_credits",
    "currency",
    "unmeasured",
]
"""What can move a bill.

`volume`: more or less of the same. `price`: another unit price of the same thing. `mix_…`: the same volume in other
regions, instance types, or capacity types (on demand, spot, committed). `waste`: paid for and idle. `new`, `gone`:
workloads, or services of an account where no workload is known, that only one of the periods has. `fees`: of what was
bought ahead and is charged every period; at effective cost there are none. `one_off`: what was bought once,
adjustments and corrections. `unmeasured`: usage that the bill gives no quantity for.
"""
MOVE_PARTS: tuple[MovePart, ...] = get_args(MovePart)


_ONE = Decimal(1)
_MACHINES = frozenset(("compute", "ai and machine learning"))
"""The service categories of FOCUS in which cores and cards are sold."""


@dataclass(frozen=True)
class Entity:
    """What can be new or gone: a workload, or a service of an account where no workload is known."""

    workload: str
    team: str
    model: str
    country: str
    service: str
    account: str


@dataclass(frozen=True)
class Product:
    """What volumes are counted of: things of one entity that are measured in one unit, region and size aside."""

    entity: Entity
    unit: str
    family: str
    is_idle: bool


@dataclass
class Variant:
    """A product in one region, of one size and capacity type, in one period; `local`: its cost at fixed rates."""

    quantity: Decimal = ZERO
    local: Decimal = ZERO
    cost: Decimal = ZERO


@dataclass
class Period:
    """The charges of one period, added up for comparing.

    Args:
        origins: per entity, where its largest charge is.
    """

    measured: dict[Product, dict[tuple[str, str, str], Variant]] = field(default_factory=dict)
    apart: dict[tuple[Entity, MovePart], Decimal] = field(default_factory=dict)
    costs: dict[Entity, Decimal] = field(default_factory=dict)
    origins: dict[Entity, tuple[Decimal, Origin]] = field(default_factory=dict)

    @property
    def cost(self) -> Decimal:
        """Of everything."""
        return total(self.costs.values())


def fixed_rates(
    before: Iterable[tuple[Assigned, Assigned]], after: Iterable[tuple[Assigned, Assigned]]
) -> dict[str, Decimal]:
    """What a unit of each currency was worth in the earlier period, on the whole.

    A currency that only the later period has is worth what it was on its first day there: what its rate did since is
    the currency's doing, and a price that was merely restated in it has not changed.

    Args:
        before: charges of the earlier period, in the currency of the report and as they were billed.
        after: of the later period.
    """
    found = _worth(before)
    later = list(after)
    first: dict[str, date] = {}
    for _, own in later:
        day = own.line.day or own.line.period
        first[own.line.currency] = min(day, first.get(own.line.currency, day))
    on_its_first = [pair for pair in later if (pair[1].line.day or pair[1].line.period) == first[pair[1].line.currency]]
    return _worth(later) | _worth(on_its_first) | found


def _worth(charges: Iterable[tuple[Assigned, Assigned]]) -> dict[str, Decimal]:
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for one, own in charges:
        ours, theirs = sums.get(own.line.currency, (ZERO, ZERO))
        amount = own.line.billed or own.line.effective
        worth = one.line.billed or one.line.effective
        sums[own.line.currency] = (EXACT.add(ours, abs(worth)), EXACT.add(theirs, abs(amount)))
    return {currency: EXACT.divide(ours, theirs) for currency, (ours, theirs) in sums.items() if theirs}


def period_of(
    charges: Iterable[tuple[Assigned, Assigned]],
    rates: Mapping[str, Decimal],
    *,
    basis: CostBasis = "effective",
    idle: Mapping[str, float] | None = None,
) -> Period:
    """Add the charges of a period up.

    Args:
        charges: in the currency of the report, and as they were billed.
        rates: the same for both periods, so that a price and the worth of its currency are kept apart.
        basis: which amount.
        idle: per workload, the share of its machines that nobody used (0 to 1); its change is waste, not volume.
    """
    found = Period()
    for one, own in charges:
        entity = entity_of(one)
        cost = one.line.cost(basis)
        found.costs[entity] = EXACT.add(found.costs.get(entity, ZERO), cost)
        if entity not in found.origins or abs(cost) > found.origins[entity][0]:
            found.origins[entity] = (abs(cost), one.line.origin)
        part = _apart(one)
        if part is not None:
            found.apart[entity, part] = EXACT.add(found.apart.get((entity, part), ZERO), cost)
            continue
        local = EXACT.multiply(own.line.cost(basis), rates.get(own.line.currency, _ONE))
        unused = _unused(one, idle or {})
        for is_idle, share in ((False, EXACT.subtract(_ONE, unused)), (True, unused)):
            if share:
                product = Product(entity, one.line.unit, _family(one.line), is_idle)
                _add(found.measured.setdefault(product, {}), one.line, cost, local, share)
    return found


def _unused(one: Assigned, idle: Mapping[str, float]) -> Decimal:
    """The idle share of a charge: known of machines that a workload has to itself, of nothing else that it pays."""
    if one.owner.how == "shared" or one.line.service_category.lower() not in _MACHINES:
        return ZERO
    return Decimal(str(min(max(idle.get(one.owner.workload, 0.0), 0.0), 1.0)))


def _add(
    variants: dict[tuple[str, str, str], Variant], line: Line, cost: Decimal, local: Decimal, share: Decimal
) -> None:
    variant = variants.setdefault((line.region, line.size or line.sku, line.capacity), Variant())
    variant.quantity = EXACT.add(variant.quantity, EXACT.multiply(line.quantity or ZERO, share))
    variant.cost = EXACT.add(variant.cost, EXACT.multiply(cost, share))
    variant.local = EXACT.add(variant.local, EXACT.multiply(local, share))


def _family(line: Line) -> str:
    """What must not be counted together although it has one unit: hours of cores, cards and machines."""
    if line.size:
        return "machine"
    family, _, _ = line.sku.partition(":")
    return family if family in ("cpu", "memory", "gpu", "volume") else ""


def entity_of(one: Assigned) -> Entity:
    """What a charge is compared as. Machines come and go by themselves, so no machine is one."""
    owner = one.owner
    account = "" if owner.workload else one.line.sub_account
    return Entity(owner.workload, owner.team, owner.model, owner.country, one.line.service, account)


def _apart(one: Assigned) -> MovePart | None:
    line = one.line
    if line.category in ("Tax", "Credit"):
        return "tax_and_credits"
    if line.category == "Purchase" and line.frequency.lower() == "recurring" and not line.is_correction:
        return "fees"
    if line.category in ("Purchase", "Adjustment") or line.is_correction:
        return "one_off"
    if line.is_unused:
        return "waste"
    return None if line.quantity else "unmeasured"
