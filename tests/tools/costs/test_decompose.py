"""Why a bill moved: the parts sum to the difference, whatever the bills are; and each reason is found where it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import permutations
from math import factorial, prod
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opswarden.tests.tools.costs.charges import line, owned
from opswarden.tools.costs.allocation import Assigned
from opswarden.tools.costs.decompose import Decomposition, decompose
from opswarden.tools.costs.money import cents_that_tie, to_cents, total
from opswarden.tools.costs.periods import fixed_rates, period_of
from opswarden.tools.costs.shapley import shapley_of_product

TINY = Decimal("1e-40")
amounts = st.decimals(-(10**9), 10**9, places=11)
quantities = st.one_of(st.none(), st.just(Decimal(0)), st.decimals(0, 10**6, places=6))


def compared(before: Sequence[Assigned], after: Sequence[Assigned], **settings: Any) -> Decomposition:
    pairs = [[(one, one) for one in side] for side in (before, after)]
    rates = fixed_rates(*pairs)
    return decompose(*(period_of(side, rates, **settings) for side in pairs))


charges = st.builds(
    lambda cost, quantity, **given: owned(
        line(cost, quantity=quantity, **{k: v for k, v in given.items() if k != "workload"}), workload=given["workload"]
    ),
    amounts,
    quantities,
    workload=st.sampled_from(["", "bread", "cake"]),
    region=st.sampled_from(["north", "south"]),
    size=st.sampled_from(["", "oven.xl", "oven.s"]),
    capacity=st.sampled_from(["on_demand", "spot", "committed"]),
    unit=st.sampled_from(["Hour", "GB"]),
    category=st.sampled_from(["Usage", "Usage", "Usage", "Purchase", "Tax", "Credit", "Adjustment"]),
    charge_class=st.sampled_from(["", "", "Correction"]),
    commitment_status=st.sampled_from(["", "Used", "Unused"]),
    sub_account=st.sampled_from(["a", "b"]),
)
bills = st.lists(charges, max_size=12)


@given(bills, bills, st.floats(0, 1))
def test_the_parts_sum_to_the_difference(before: list[Assigned], after: list[Assigned], idle: float) -> None:
    found = compared(before, after, idle={"bread": idle})
    difference = total(one.line.effective for one in after) - total(one.line.effective for one in before)
    assert abs(found.difference - difference) < TINY
    assert abs(total(found.parts.values()) - difference) < TINY
    for move in found.moves:
        assert abs(total(move.parts.values()) - move.difference) < TINY
    cents = cents_that_tie(tuple(found.parts.values()), "USD")
    assert sum(cents, Decimal(0)) == to_cents(total(found.parts.values()), "USD")
    for what in ("team", "model", "country", "service", "workload"):
        groups = found.by(what).values()  # type: ignore[arg-type]  # each is one of the literals
        assert abs(total(move.difference for move in groups) - difference) < TINY


@given(bills, bills)
def test_the_way_back_is_the_way_there_with_the_other_sign(before: list[Assigned], after: list[Assigned]) -> None:
    there, back = compared(before, after), compared(after, before)
    turned = {"new": "gone", "gone": "new"}
    for part, amount in there.parts.items():
        assert abs(amount + back.parts.get(turned.get(part, part), Decimal(0))) < TINY  # type: ignore[call-overload]


factors = st.decimals(Decimal("0.01"), 1000, places=4)


@given(st.lists(st.tuples(factors, factors), min_size=1, max_size=5))
def test_a_share_is_the_mean_over_all_orders(pairs: list[tuple[Decimal, Decimal]]) -> None:
    before, after = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found = shapley_of_product(before, after)
    assert abs(total(found) - (prod(after) - prod(before))) < Decimal("1e-9")
    for place, amount in enumerate(found):
        steps = Decimal(0)
        for order in permutations(range(len(pairs))):
            earlier = order[: order.index(place)]
            now = [after[at] if at in earlier else before[at] for at in range(len(pairs))]
            steps += prod([*now[:place], after[place], *now[place + 1 :]]) - prod(now)
        assert abs(amount - steps / factorial(len(pairs))) < Decimal("1e-6") * (1 + abs(amount))


def hours(n: int, price: str, **changes: Any) -> Assigned:
    return owned(line(Decimal(price) * n, quantity=Decimal(n), **changes))


def parts(before: Sequence[Assigned], after: Sequence[Assigned], **settings: Any) -> dict[str, float]:
    return {part: round(float(amount), 6) for part, amount in compared(before, after, **settings).parts.items()}


def test_each_reason_is_found_where_it_is() -> None:
    base = [hours(100, "2")]
    assert parts(base, [hours(130, "2")]) == {"volume": 60}
    assert parts(base, [hours(100, "2.2")]) == {"price": 20}
    assert parts(base, [hours(120, "2.5")]) == {"volume": 45, "price": 55}  # 20 × 2.25 and 0.5 × 110: midpoints
    south = {"region": "south"}
    assert parts([*base, hours(100, "3", **south)], [hours(50, "2"), hours(150, "3", **south)]) == {"mix_region": 50}
    small = {"size": "oven.s"}
    assert parts([*base, hours(100, "1", **small)], [hours(150, "2"), hours(50, "1", **small)]) == {"mix_size": 50}
    spot = {"capacity": "spot"}
    assert parts(base, [hours(50, "2"), hours(50, "0.5", **spot)]) == {"mix_capacity": -75}
    assert parts(base, [*base, owned(line("9", commitment_status="Unused"))]) == {"waste": 9}
    assert parts(base, [*base, owned(line("9"), workload="cake")]) == {"new": 9}
    assert parts([*base, owned(line("9"), workload="cake")], base) == {"gone": -9}
    assert parts(base, [*base, owned(line("9", category="Purchase", frequency="One-Time"))]) == {"one_off": 9}
    assert parts(base, [*base, owned(line("9", category="Purchase", frequency="Recurring"))]) == {"fees": 9}
    assert parts(base, [*base, owned(line("-9", category="Credit"))]) == {"tax_and_credits": -9}
    assert parts(base, [*base, owned(line("9", quantity=None))]) == {"unmeasured": 9}
    assert parts(base, base) == {}


def test_more_machines_for_the_same_work_are_waste_and_not_volume() -> None:
    before, after = ({(one, one) for one in [hours(n, "2")]} for n in (100, 150))
    rates = fixed_rates(before, after)
    busy = period_of(before, rates, idle={"bread": 0.1})
    idle = period_of(after, rates, idle={"bread": 0.4})
    assert {part: round(float(x), 6) for part, x in decompose(busy, idle).parts.items()} == {"waste": 100}


def test_hours_of_cores_and_of_cards_are_not_one_volume() -> None:
    cpu, gpu = {"sku": "cpu", "size": ""}, {"sku": "gpu:X1", "size": ""}
    before, after = (
        [hours(1000, "0.03", **cpu), hours(10, "3", **gpu)],
        [hours(900, "0.03", **cpu), hours(20, "3", **gpu)],
    )
    assert parts(before, after) == {"volume": 27}


def test_what_a_currency_did_is_not_a_price() -> None:
    def pair(n: int, euros: str, rate: str) -> tuple[Assigned, Assigned]:
        own = hours(n, euros, currency="EUR")
        return hours(n, str(Decimal(euros) * Decimal(rate))), own

    before, after = [pair(100, "2", "1.1")], [pair(100, "2", "1.2")]
    rates = fixed_rates(before, after)
    found = decompose(period_of(before, rates), period_of(after, rates))
    assert {part: round(float(x), 6) for part, x in found.parts.items()} == {"currency": 20}


def test_a_price_that_is_restated_in_another_currency_has_not_changed() -> None:
    before = [(one := hours(100, "2.2"), one)]
    after = []
    for day, rate in ((1, "1.1"), (2, "1.2")):  # two euros were 2.20 on the day on which the bill moved
        own = hours(50, "2", currency="EUR", day=date(2031, 5, day))
        after.append((hours(50, str(2 * Decimal(rate))), own))
    rates = fixed_rates(before, after)
    found = decompose(period_of(before, rates), period_of(after, rates))
    assert {part: round(float(x), 6) for part, x in found.parts.items()} == {"currency": 10}


def test_movers_say_what_they_used_and_where_to_look() -> None:
    found = compared([hours(100, "2")], [hours(130, "2"), owned(line("1"), workload="cake")], idle={"bread": 0.5})
    first = found.moves[0]
    assert (first.entity.workload, first.unit, first.quantity_before, first.quantity_after) == (
        "bread",
        "Hour",
        100,
        130,
    )
    assert [origin.file for origin in first.evidence] == ["bill.csv", "bill.csv"]
    assert found.by("workload")["cake"].difference == 1
