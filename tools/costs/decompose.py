"""Why a bill moved between two periods: exact parts, in an order that does not matter.

A charge is a product: volume × share of the region × share of the instance type there × share of the capacity type
there × unit price × exchange rate. What each factor contributed is its Shapley value: the mean, over all orders in
which the factors could have changed one after the other, of what its change did. The parts add up to the difference.
What is no product (new and gone workloads, one-off charges, tax and credits, unused commitments) is a part of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .lines import Origin
from .money import EXACT, ZERO, total
from .periods import MOVE_PARTS, Entity, MovePart, Period, Variant
from .shapley import shapley_of_product

_FACTORS: tuple[MovePart, ...] = ("volume", "mix_region", "mix_size", "mix_capacity", "price", "currency")
_ONE = Decimal(1)


@dataclass(frozen=True)
class Move:
    """What one entity's cost did between the periods.

    Args:
        parts: sum to `after` less `before`.
        quantity_before: of its products that are measured in one unit, of the largest of them; `unit` says which.
        evidence: where its largest charges are, the earlier period first.
    """

    entity: Entity
    before: Decimal
    after: Decimal
    parts: Mapping[MovePart, Decimal]
    unit: str = ""
    quantity_before: Decimal = ZERO
    quantity_after: Decimal = ZERO
    evidence: tuple[Origin, ...] = ()

    @property
    def difference(self) -> Decimal:
        """After less before."""
        return EXACT.subtract(self.after, self.before)


@dataclass(frozen=True)
class Decomposition:
    """Why a bill moved.

    Args:
        parts: of the whole; they sum to the difference.
        moves: of every entity, the largest difference first.
    """

    before: Decimal
    after: Decimal
    parts: Mapping[MovePart, Decimal]
    moves: tuple[Move, ...]

    @property
    def difference(self) -> Decimal:
        """After less before."""
        return EXACT.subtract(self.after, self.before)

    def by(self, what: Literal["team", "model", "country", "service", "workload"]) -> dict[str, Move]:
        """The moves added up by a property of their entities; the largest difference first."""
        found: dict[str, list[Move]] = {}
        for move in self.moves:
            found.setdefault(getattr(move.entity, what), []).append(move)
        summed = {name: _added(members) for name, members in found.items()}
        return dict(sorted(summed.items(), key=lambda item: -abs(item[1].difference)))


def decompose(before: Period, after: Period) -> Decomposition:
    """Why the cost of one period is another than that of the period before."""
    parts: dict[Entity, dict[MovePart, Decimal]] = {}
    paid: dict[tuple[Entity, str, str], list[Decimal]] = {}

    def add(entity: Entity, part: MovePart, amount: Decimal) -> None:
        own = parts.setdefault(entity, {})
        own[part] = EXACT.add(own.get(part, ZERO), amount)

    both = before.costs.keys() & after.costs.keys()
    for (entity, part), amount in _apart_moves(before, after).items():
        if entity in both or part in _NEVER_NEW:
            add(entity, part, amount)
    for entity in {**before.costs, **after.costs}:
        if entity not in both:
            moved = EXACT.subtract(after.costs.get(entity, ZERO), before.costs.get(entity, ZERO))
            told = total(parts.get(entity, {}).values())
            add(entity, "new" if entity in after.costs else "gone", EXACT.subtract(moved, told))
    for product in {**before.measured, **after.measured}:
        if product.entity not in both:
            continue
        old, new = before.measured.get(product, {}), after.measured.get(product, {})
        for part, amount in _product_parts(old, new).items():
            add(product.entity, "waste" if product.is_idle and part in _USED_UP else part, amount)
        sums = paid.setdefault((product.entity, product.unit, product.family), [ZERO, ZERO, ZERO])
        for place, amount in enumerate(_measured(old, new)):
            sums[place] = EXACT.add(sums[place], amount)
    measures = _mainly(paid)
    moves = [_move(entity, before, after, own, measures.get(entity, ("", ZERO, ZERO))) for entity, own in parts.items()]
    moves.sort(key=lambda move: (-abs(move.difference), move.entity.workload, move.entity.service, move.entity.account))
    summed = _added(moves).parts if moves else {}
    return Decomposition(before.cost, after.cost, summed, tuple(moves))


_NEVER_NEW: frozenset[MovePart] = frozenset(("fees", "one_off", "tax_and_credits"))
"""What is told as such even where nothing else of its entity is in the other period."""


def _apart_moves(before: Period, after: Period) -> dict[tuple[Entity, MovePart], Decimal]:
    return {
        key: EXACT.subtract(after.apart.get(key, ZERO), before.apart.get(key, ZERO))
        for key in {**before.apart, **after.apart}
    }


_USED_UP: frozenset[MovePart] = frozenset(("volume", "mix_region", "mix_size", "mix_capacity"))


def _measured(
    old: Mapping[tuple[str, str, str], Variant], new: Mapping[tuple[str, str, str], Variant]
) -> tuple[Decimal, Decimal, Decimal]:
    """What a product cost in both periods together, and how much of it there was in each."""
    cost = total(abs(one.cost) for one in (*old.values(), *new.values()))
    return cost, total(one.quantity for one in old.values()), total(one.quantity for one in new.values())


def _mainly(paid: Mapping[tuple[Entity, str, str], list[Decimal]]) -> dict[Entity, tuple[str, Decimal, Decimal]]:
    """Unit and quantities of every entity's costliest product, idle or not."""
    found: dict[Entity, tuple[Decimal, str, Decimal, Decimal]] = {}
    for (entity, unit, _), (cost, before, after) in paid.items():
        if entity not in found or cost > found[entity][0]:
            found[entity] = (cost, unit, before, after)
    return {entity: (unit, before, after) for entity, (_, unit, before, after) in found.items()}


def _move(
    entity: Entity,
    before: Period,
    after: Period,
    parts: Mapping[MovePart, Decimal],
    measured: tuple[str, Decimal, Decimal],
) -> Move:
    unit, quantity_before, quantity_after = measured
    evidence = tuple(period.origins[entity][1] for period in (before, after) if entity in period.origins)
    return Move(
        entity,
        before.costs.get(entity, ZERO),
        after.costs.get(entity, ZERO),
        {part: parts[part] for part in MOVE_PARTS if parts.get(part)},
        unit,
        quantity_before,
        quantity_after,
        evidence,
    )


def _added(moves: Sequence[Move]) -> Move:
    parts: dict[MovePart, Decimal] = {part: total(move.parts.get(part) for move in moves) for part in MOVE_PARTS}
    return Move(
        moves[0].entity,
        total(move.before for move in moves),
        total(move.after for move in moves),
        {part: amount for part, amount in parts.items() if amount},
    )


Key = tuple[str, str, str]


def _product_parts(old: Mapping[Key, Variant], new: Mapping[Key, Variant]) -> dict[MovePart, Decimal]:
    volumes = [total(one.quantity for one in side.values()) for side in (old, new)]
    if not all(volumes):
        # Nothing was used in one period (or it cancels out), so there is no mix and no price to compare with.
        costs = [total(one.cost for one in side.values()) for side in (old, new)]
        return {"volume": EXACT.subtract(costs[1], costs[0])}
    found: dict[MovePart, Decimal] = {}
    shares = [_shares(side) for side in (old, new)]
    for key in {**old, **new}:
        factors = _factors(key, old, new, volumes, shares)
        if factors is None:
            amount = EXACT.subtract(new.get(key, Variant()).cost, old.get(key, Variant()).cost)
            found["unmeasured"] = EXACT.add(found.get("unmeasured", ZERO), amount)
            continue
        for part, amount in zip(_FACTORS, shapley_of_product(*factors), strict=True):
            found[part] = EXACT.add(found.get(part, ZERO), amount)
    return found


def _shares(side: Mapping[Key, Variant]) -> dict[tuple[str, ...], Decimal]:
    """The quantity of every region, of every size in it, and of every capacity type of that."""
    found: dict[tuple[str, ...], Decimal] = {}
    for (region, size, capacity), one in side.items():
        for key in ((region,), (region, size), (region, size, capacity)):
            found[key] = EXACT.add(found.get(key, ZERO), one.quantity)
    return found


def _factors(
    key: Key,
    old: Mapping[Key, Variant],
    new: Mapping[Key, Variant],
    volumes: Sequence[Decimal],
    shares: Sequence[Mapping[tuple[str, ...], Decimal]],
) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]] | None:
    """The six factors of a variant in both periods; `None` where it has a cost but no quantity.

    A factor that a period cannot tell (the price of what was not used) is taken from the other period, so that it
    contributes nothing.
    """
    sides = [side.get(key) for side in (old, new)]
    if any(one is not None and not one.quantity and one.cost for one in sides):
        return None
    told: list[list[Decimal | None]] = []
    for one, volume, held in zip(sides, volumes, shares, strict=True):
        region, size, whole = held.get(key[:1], ZERO), held.get(key[:2], ZERO), held.get(key, ZERO)
        has_price = one is not None and one.quantity and one.local
        told.append(
            [
                volume,
                EXACT.divide(region, volume),
                EXACT.divide(size, region) if region else None,
                EXACT.divide(whole, size) if size else None,
                EXACT.divide(one.local, one.quantity) if one is not None and one.quantity else None,
                EXACT.divide(one.cost, one.local) if one is not None and has_price else None,
            ]
        )
    filled = [
        [
            _ONE if mine is None and theirs is None else theirs if mine is None else mine
            for mine, theirs in zip(*pair, strict=True)
        ]
        for pair in ((told[0], told[1]), (told[1], told[0]))
    ]
    return tuple(x for x in filled[0] if x is not None), tuple(x for x in filled[1] if x is not None)
