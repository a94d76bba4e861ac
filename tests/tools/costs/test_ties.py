"""Money that ties: whatever is shared, exchanged or rounded, the parts are the whole."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.tests.tools.costs.charges import MAY, line, owned
from opswarden.tools.costs.allocation import (
    AllocationRules,
    Catalogue,
    Owner,
    SharedRule,
    Subject,
    allocate,
    by_country,
    tags_of,
)
from opswarden.tools.costs.exchange import Rates, exchanged
from opswarden.tools.costs.invoice import ties
from opswarden.tools.costs.money import cents_that_tie, split, to_cents, total

amounts = st.decimals(-(10**12), 10**12, places=18)
CATALOGUE = Catalogue(
    (
        Subject("bread", "ovens", "rye", "", "arn:oven:vm/i-1"),
        Subject("cake", "sweets", "", "BR", "i-2"),
        Subject("pie", "sweets"),
    )
)


@given(st.lists(amounts, max_size=30), st.sampled_from(["USD", "JPY", "KWD"]))
def test_rounded_parts_sum_to_the_rounded_sum(parts: list[Decimal], currency: str) -> None:
    cents = cents_that_tie(parts, currency)
    assert total(cents) == to_cents(total(parts), currency)
    step = to_cents(Decimal(1), currency).as_tuple().exponent
    assert all(abs(cent - part) <= Decimal(1).scaleb(int(step)) for cent, part in zip(cents, parts, strict=True))


@given(amounts, st.dictionaries(st.text(), st.decimals(0, 1000, places=3), min_size=1, max_size=8))
def test_shares_sum_to_what_is_shared(amount: Decimal, weights: dict[str, Decimal]) -> None:
    if not any(weights.values()):
        with pytest.raises(ValueError, match="weights"):
            split(amount, weights)
        return
    shares = split(amount, weights)
    assert total(shares.values()) == amount
    assert all(shares[key] == 0 for key in weights if not weights[key] and weights[key] != max(weights.values()))


bill_lines = st.builds(
    lambda amount, **given: line(amount, **given),
    amounts,
    service=st.sampled_from(["Machines", "Network"]),
    resource=st.sampled_from(["arn:oven:vm/i-1", "i-2", "other/i-2", "unknown", ""]),
    category=st.sampled_from(["Usage", "Purchase", "Tax", "Credit", "Adjustment"]),
    charge_class=st.sampled_from(["", "Correction"]),
    commitment_status=st.sampled_from(["", "Unused"]),
    currency=st.sampled_from(["USD", "EUR"]),
    tags=st.sampled_from(["", "[1]", "{", '{"team": "night"}', '{"Workload": "pie"}']),
)


@given(st.lists(bill_lines, max_size=15), st.sampled_from(["equal", "requests"]))
def test_every_bill_ties_to_its_invoice(lines: list, driver: str) -> None:  # type: ignore[type-arg]
    rules = AllocationRules(shared=(SharedRule(name="net", service="network", driver=driver),))  # type: ignore[arg-type]
    weights = {"requests": {"bread": Decimal(3), "pie": Decimal(1)}}
    found = allocate(lines, CATALOGUE, rules, weights)  # type: ignore[arg-type]
    assert total(one.line.billed for one in found.assigned) == total(one.billed for one in lines)
    assert total(one.line.quantity for one in found.assigned) == len(lines)
    for tie in ties(found.assigned):
        assert tie.residual == 0
        assert total(tie.parts.values()) == tie.billed
        assert tie.ties
        own = [one for one in lines if one.currency == tie.currency]
        assert tie.billed == total(one.billed for one in own)
        assert tie.rows == len(own) or tie.rows == 1  # made lines share their origin


def test_an_owner_comes_from_the_resource_then_from_tags() -> None:
    def owner(**given: str) -> Owner:
        return allocate([line(**given)], CATALOGUE, AllocationRules()).assigned[0].owner

    assert owner(resource="arn:oven:vm/i-1") == Owner("bread", "ovens", "rye", "", "resource")
    assert owner(resource="arn:oven:region/i-2").workload == "cake"  # a catalogue holds the last part only
    by_tag = owner(resource="x", tags=json.dumps({"Workload": "PIE", "team": "wrong", "country": "MX"}))
    assert by_tag == Owner("pie", "sweets", "", "MX", "tag")
    assert owner(resource="x", tags='{"team": "night"}') == Owner("", "night", "", "", "tag")
    assert owner(resource="x", tags='{"model": "rye"}').how == "nobody"
    assert owner(resource="x", tags='{"team": {"a": 1}}').how == "nobody"
    twice = Catalogue((Subject("a", resource="r1/i-9"), Subject("b", resource="r2/i-9")))
    assert twice.of_resource("i-9") is None


def test_what_cannot_be_shared_is_said_and_kept() -> None:
    rules = AllocationRules(shared=(SharedRule(name="net", service="Machines", driver="gpu_time"),))
    found = allocate([line("5", resource="i-2")], CATALOGUE, rules)
    assert found.rules == ("net: split by GPU time (nothing to split by: not shared)",)
    assert [one.owner.workload for one in found.assigned] == ["cake"]
    shared = allocate(
        [line("5")], CATALOGUE, AllocationRules(shared=(SharedRule(name="n", tag="a=b", driver="equal"),))
    )
    assert shared.rules == ()


def test_what_serves_all_countries_is_split_by_their_payments() -> None:
    ones = [owned(line("9"), model="rye"), owned(line("4"), model="rye", country="BR"), owned(line("5"), model="other")]
    found = list(by_country(ones, {"rye": {"BR": Decimal(2), "MX": Decimal(1), "": Decimal(7)}}))
    assert [(one.owner.country, one.line.billed) for one in found] == [("BR", 6), ("MX", 3), ("BR", 4), ("", 5)]


def test_a_given_invoice_is_compared_and_its_cents_are_rounding() -> None:
    ones = [owned(line("10.004")), owned(line("-3"), how="nobody"), owned(line("2", category="Tax"))]
    [near] = ties(ones, {("Oven Cloud Inc.", MAY, "USD"): Decimal("9.00")})
    assert (near.rounding, near.is_given, near.ties) == (Decimal("-0.004"), True, True)
    assert near.parts == {"owned": Decimal("10.004"), "unattributed": -3, "tax": 2}
    [far] = ties(ones, {("Oven Cloud Inc.", MAY, "USD"): Decimal("12.00")})
    assert (far.rounding, far.ties) == (Decimal("2.996"), False)


FRIDAY = date(2031, 5, 9)
RATES = Rates([(FRIDAY, "EUR", "USD", 1.25, "bank"), (FRIDAY, "EUR", "BRL", 5, "bank"), (FRIDAY, "XXX", "USD", -1, "")])


def test_a_rate_is_of_its_day_or_of_the_last_one_before() -> None:
    sunday = RATES.at("EUR", "USD", FRIDAY + timedelta(days=2))
    assert sunday is not None
    assert (sunday.value, sunday.day, sunday.source) == (Decimal("1.25"), FRIDAY, "bank")
    assert RATES.at("EUR", "USD", FRIDAY - timedelta(days=1)) is None
    assert RATES.at("EUR", "USD", FRIDAY + timedelta(days=8)) is None
    inverse, cross = RATES.at("USD", "EUR", FRIDAY), RATES.at("USD", "BRL", FRIDAY)
    assert inverse is not None
    assert inverse.value == Decimal("0.8")
    assert cross is not None
    assert (cross.value, cross.through) == (4, "EUR")
    assert RATES.at("XXX", "USD", FRIDAY) is None  # no rate is below zero


def test_what_has_no_rate_is_kept_apart() -> None:
    ones = [line("8", currency="EUR", day=FRIDAY, listed=None), line("1"), line("7", currency="JPY", day=FRIDAY)]
    found = exchanged(ones, "USD", RATES)
    assert [(one.currency, one.billed, one.listed) for one in found.lines] == [("USD", 10, None), ("USD", 1, 1)]
    assert [one.billed for one in found.own] == [8, 1]
    assert [one.currency for one in found.missing] == ["JPY"]
    assert [(rate.base, rate.day) for rate in found.used] == [("EUR", FRIDAY)]


@given(st.text() | st.from_type(dict).map(str))
def test_tags_of_any_text(text: str) -> None:
    assert all(isinstance(value, str) for value in tags_of(text).values())
