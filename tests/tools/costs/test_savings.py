"""What a change saves, what commitments and models cost, and what a unit of business costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from opswarden.core.errors import InputError
from opswarden.tests.tools.costs.charges import line, owned
from opswarden.tools.costs.advice import SpotCandidate, commitment_advice, spot_advice, whole_days
from opswarden.tools.costs.backends.price_files import read_price_file
from opswarden.tools.costs.commitments import Offer, commitment_cover, purchase_advice, spot_fit
from opswarden.tools.costs.exchange import Rates
from opswarden.tools.costs.lines import HourlyUse
from opswarden.tools.costs.llm_spend import ModelUse, Span, by_team_use_model, llm_opportunities
from opswarden.tools.costs.prices import GIB, Price, PriceList, opencost_defaults, paid_share
from opswarden.tools.costs.savings import Priced, SavingBook, subject_costs
from opswarden.tools.costs.settings import CostRules, OfferTerms, PriceFile, read_cost_rules
from opswarden.tools.costs.unit_costs import Counted, unit_costs
from opswarden.tools.recommendations.types import recommendation_id

DAY = date(2031, 5, 6)
START = datetime(2031, 5, 1, tzinfo=UTC)


def price(sku: str, amount: float, **changes: object) -> Price:
    given = {"region": "north", "capacity": "on_demand", "unit": "Hour", "currency": "USD", "since": date(2031, 1, 1)}
    return Price(sku=sku, amount=amount, source="list", **{**given, **changes})  # type: ignore[arg-type]


PRICES = PriceList(
    [
        price("cpu", 0.10),
        price("cpu", 0.05, since=date(2031, 5, 7)),
        price("memory", 0.01, unit="GiB-Hour"),
        price("gpu:X1", 2.0),
        price("cpu", 0.09, currency="EUR", region="south"),
        price("volume:ssd", 0.08, unit="GiB-Month", region=""),
        price("cpu", float("nan"), region="west"),
    ]
)
RATES = Rates([(DAY, "EUR", "USD", 1.1, "")])


def book(costs: Mapping[str, object] | None = None) -> SavingBook:
    return SavingBook(costs or {}, PRICES, RATES, "USD", DAY)  # type: ignore[arg-type]


def test_a_price_is_of_its_region_and_day() -> None:
    cpu = PRICES.of("CPU", "north", DAY)
    assert cpu is not None
    assert (cpu.amount, cpu.of_month) == (0.10, pytest.approx(73))
    volume = PRICES.of("volume:ssd", "anywhere", DAY)
    assert volume is not None
    assert volume.of_month == 0.08
    assert PRICES.of("cpu", "west", DAY) is None
    assert PRICES.of("cpu", "north", date(2030, 1, 1)) is None
    size = {"cpu": 2.0, "memory": 4 * GIB, "gpu": 1.0, "replicas": 3.0}
    assert PRICES.of_size(size, "north", DAY, gpu_type="X1") == (pytest.approx(730 * 3 * (0.2 + 0.04 + 2)), "USD")
    assert PRICES.of_size(size, "north", DAY, gpu_type="X2") is None  # no sum without a part
    defaults = PriceList(opencost_defaults(DAY))
    assert defaults.of_size({"gpu": 1.0}, "north", DAY, gpu_type="X2") == (pytest.approx(0.95 * 730), "USD")


def test_a_saving_is_told_four_ways() -> None:
    cores = [owned(line("50", listed=Decimal(100), effective=Decimal(50), resource="vm"))] * 2
    covered = owned(
        line("0", listed=Decimal(200), effective=Decimal(100), capacity="committed", commitment_status="Used")
    )
    costs = subject_costs([*cores, covered, owned(line("9", category="Tax"))], 7, {"bread": [100.0] * 28})
    assert set(costs) == {"bread", "vm", "vm-1"}
    bread = costs["bread"]
    month = 730 / 24 / 7
    assert (bread.listed, bread.effective, bread.billed) == pytest.approx((400 * month, 200 * month, 100 * month))
    assert (bread.paid.effective, bread.paid.committed) == (0.5, 0.5)
    held = book(costs)
    found = held.saving_of(
        Priced("bread", "north"), {"cpu": 4, "replicas": 2}, {"cpu": 1, "replicas": 2}, returned="bill"
    )
    assert found is not None
    assert found.listed.expected == pytest.approx(6 * 73)
    assert found.effective.expected == pytest.approx(3 * 73)
    assert found.bill.expected == pytest.approx(1.5 * 73)  # half of it is committed and paid for anyway
    assert found.freed.expected == pytest.approx(1.5 * 73)
    assert found.effective.low == found.effective.high == pytest.approx(3 * 73)  # every week cost the same
    kept = held.saving_of(Priced("bread", "north"), {"cpu": 4}, {"cpu": 1}, returned="capacity")
    assert kept is not None
    assert (kept.bill.expected, kept.freed.expected) == (0, pytest.approx(1.5 * 73))
    night = held.saving_of_all("bread", active_share=0.5)
    assert night is not None
    assert night.effective.expected == pytest.approx(100 * month)
    assert held.saving_of_all("nobody") is None


def test_without_a_bill_the_list_price_is_all_there_is() -> None:
    held = book()
    plain = held.saving_of(Priced("x", "south"), {"cpu": 2}, {"cpu": 1}, returned="bill")
    assert plain is not None
    assert plain.effective == plain.listed == plain.bill
    assert plain.listed.expected == pytest.approx(0.09 * 730 * 1.1)  # euros at the rate of the day
    assert plain.listed.low < plain.listed.expected < plain.listed.high
    paid_for = held.saving_of(Priced("x", "south", capacity="committed"), {"cpu": 2}, {}, returned="bill")
    assert paid_for is not None
    assert (paid_for.bill.expected, paid_for.freed.expected) == (0, pytest.approx(2 * 0.09 * 730 * 1.1))
    assert held.saving_of(Priced("x", "nowhere"), {"cpu": 2}, {"cpu": 1}, returned="bill") is None
    assert held.saving_of(Priced("x", "north"), {"cpu": 2}, {"tpu": 1}, returned="bill") is None
    more = held.saving_of(Priced("x", "north"), {"cpu": 1}, {"cpu": 2}, returned="bill")
    assert more is not None
    assert more.bill.expected < 0
    assert paid_share([line("1", listed=None)]).effective is None


def test_commitments_are_covered_used_and_net() -> None:
    used = {"commitment": "c", "commitment_status": "Used", "capacity": "committed", "effective": Decimal(60)}
    lines = [
        line("0", listed=Decimal(100), **used),
        line("0", **{**used, "commitment_status": "Unused", "effective": Decimal(20), "listed": Decimal(0)}),
        line("300"),
        line("50", capacity="spot"),
        line("7", reservation="r", reservation_status="Unused", service_category="Other"),
        line("99", commitment="c", category="Purchase"),
    ]
    found = commitment_cover(lines, {"c": DAY})
    assert (found.coverage, found.utilisation) == (pytest.approx(0.25), pytest.approx(0.75))
    assert (found.unused, found.net_saving, found.reservations_unused) == (20, 20, 7)
    assert [(use.commitment, use.ends, use.utilisation) for use in found.uses] == [("c", DAY, 0.75)]
    assert commitment_cover([]).coverage is None


def uses(quantities: list[int], *, is_covered: bool = False) -> list[HourlyUse]:
    return [
        HourlyUse(START + timedelta(hours=at), "north", "oven.xl", "M", "Hour", is_covered, Decimal(n), Decimal(2 * n))
        for at, n in enumerate(quantities)
        if n
    ]


def test_only_the_floor_of_the_history_is_advised() -> None:
    def advised(quantities: list[int], days: int = 28) -> tuple[list[float | str], list[str]]:
        end = START.date() + timedelta(days=days)
        found = purchase_advice(uses(quantities), START.date(), end, Offer("1 year", 0.4, 12), "production", "USD")
        return [one.proposed["committed"] for one in found.recommendations], [one.reason for one in found.held]

    hours = 28 * 24
    assert advised([5] * (hours - 1) + [3]) == ([3.0], [])
    assert advised([5] * (hours - 1) + [0]) == ([], ["fits"])  # one quiet hour, and there is no floor
    assert advised([5] * (hours // 2) + [0] * (hours // 2)) == ([], ["fits"])
    assert advised([5] * 24 * 20, days=20) == ([], ["short_history"])
    end = START.date() + timedelta(days=28)
    more = [*uses([5] * hours), *uses([9] * hours, is_covered=True)]
    [one] = purchase_advice(more, START.date(), end, Offer("1 year", 0.4, 12), "production", "USD").recommendations
    assert one.proposed["committed"] == 5  # what is covered already is not bought again
    assert one.saving.bill.expected == pytest.approx(5 * 2 * 730 * 0.4)
    assert one.saving.bill.low == pytest.approx(-5 * 2 * 730 * 0.6)  # all of it is lost if nothing runs any more
    assert one.reversal == "never"


@pytest.mark.parametrize(
    ("kind", "criticality", "start_s", "has_checkpoints", "verdict"),
    [
        ("serving", "payment_path", 5.0, True, "unfit"),
        ("serving", "normal", 60.0, False, "fits"),
        ("serving", "normal", 600.0, False, "unfit"),
        ("serving", "normal", None, False, "unknown"),
        ("training", "low", None, False, "unfit"),
        ("training", "low", None, True, "fits"),
        ("batch", "low", None, False, "fits"),
        ("notebook", "low", 5.0, True, "unfit"),
    ],
)
def test_who_can_live_on_spot_capacity(
    kind: str, criticality: str, start_s: float | None, has_checkpoints: bool, verdict: str
) -> None:
    found, why = spot_fit(kind, criticality, starts_per_week=1.0, start_s=start_s, has_checkpoints=has_checkpoints)
    assert (found, bool(why)) == (verdict, True)


def test_a_unit_costs_what_its_owner_costs() -> None:
    monday = date(2031, 5, 5)
    days = {
        monday + timedelta(days=at): [
            owned(line(str(10 + at // 7)), model="rye", country="BR"),
            owned(line("90"), model="oat", country="MX"),
        ]
        for at in range(28)
    }
    counts = [
        Counted(monday + timedelta(days=at), measure, "rye", country, n)
        for at in range(30)
        for measure, country, n in (("scored", "BR", 1500), ("scored", "MX", 500), ("approved_payments", "BR", 100))
    ]
    by_model = {one.measure: one for one in unit_costs(days, counts, ("model",))}
    assert by_model["scored"].cost == sum(10 + at // 7 for at in range(28))
    assert by_model["scored"].unit == pytest.approx(Decimal("5.75"))  # of 1,000; the days after the bill do not count
    assert by_model["approved_payments"].unit == pytest.approx(Decimal("0.115"))
    assert by_model["scored"].trend == pytest.approx(1 / 11.5)
    everything = {one.measure: one for one in unit_costs(days, counts)}
    assert everything["scored"].unit == pytest.approx(Decimal("50.75"))
    brazil = [one for one in unit_costs(days, counts, ("country",)) if (one.measure, one.country) == ("scored", "BR")]
    assert [one.unit for one in brazil] == [pytest.approx(Decimal("11.5") / Decimal("1.5"))]
    assert unit_costs({}, counts)[0].unit is None


def test_what_ifs_on_models_say_what_they_assume() -> None:
    span = Span("production", START, START + timedelta(hours=730))
    asked = [
        ModelUse("risk", "triage", "big", 400, 10_000, 0, 900, 60_000_000, 100),
        ModelUse("risk", "triage", "big", 600, 10_000, 0, 900, 40_000_000, 100),
        ModelUse("risk", "ask", "big", 20, 1, 0, 1, 5_000_000, 20),
        ModelUse("ops", "ask", "small", 5_000, 1, 0, 1, 3_000, 4_000),
    ]
    merged = by_team_use_model(asked)
    first = merged[0]
    assert (first.team, first.use, first.requests, first.repeated) == ("risk", "triage", 1000, 200)
    found = llm_opportunities(asked, span, {"big": ("small", 0.1)})
    cache, cheaper = sorted(found.recommendations, key=lambda one: one.resource)
    assert (cache.saving.bill.low, cache.saving.bill.high) == pytest.approx((10, 20))
    assert cheaper.saving.bill.expected == pytest.approx(90)
    assert cheaper.saving.bill.low == 0
    assert "assumes" in cache.why
    assert "evaluation" in cheaper.why
    assert sorted(one.reason for one in found.held) == ["short_history", "too_small"]
    assert not [one for one in llm_opportunities(asked, span).recommendations if one.resource == "model"]


def test_a_price_file_is_mapped_and_its_bad_rows_counted(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "region,instance_type,usd_per_hour\nnorth,oven.xl,1.5\nnorth,,2\nnorth,oven.s,-1\n,x,a\n"
    )
    wanted = PriceFile(file="p.csv", currency="USD", since=DAY)
    found, bad = read_price_file(tmp_path, wanted)
    assert [(one.region, one.sku, one.amount, one.currency) for one in found] == [("north", "oven.xl", 1.5, "USD")]
    assert bad == 3
    for wrong in ({"file": "../p.csv"}, {"file": "q.csv"}, {"price": "euros"}):
        with pytest.raises(InputError):
            read_price_file(tmp_path, wanted.model_copy(update=wrong))


def test_rules_beside_a_fleet_are_plain_and_closed(tmp_path: Path) -> None:
    assert read_cost_rules(tmp_path) == CostRules()
    path = tmp_path / "costs.yaml"
    path.write_text(
        "allocation:\n  team_tags: [squad]\ninvoices:\n- {issuer: O, period: 2031-05-01, currency: USD, total: 1.23}\n"
    )
    rules = read_cost_rules(tmp_path)
    assert rules.allocation.team_tags == ("squad",)
    assert (rules.invoices[0].total, rules.invoices[0].period) == (Decimal("1.23"), date(2031, 5, 1))
    for text in (
        "prices: 1",
        "invoices: [{currency: dollars}]",
        "&a [*a]",
        "\x00",
        "allocation: {shared: [{name: x}]}",
    ):
        path.write_text(text)
        with pytest.raises(InputError) as caught:
            read_cost_rules(tmp_path)
        assert "\n" not in caught.value.message


def candidate(**changes: object) -> SpotCandidate:
    given: dict[str, object] = {
        "workload": "bread", "kind": "batch", "team": "ovens", "owner": None, "criticality": "low", "region": "north",
        "gpu_type": "", "capacity": "on_demand", "size": {"cpu": 4.0, "replicas": 2.0}, "starts": 8, "start_s": 30.0,
        "has_checkpoints": False,
    }  # fmt: skip
    return SpotCandidate(**{**given, **changes})  # type: ignore[arg-type]


def test_spot_capacity_is_advised_to_those_who_can_live_on_it() -> None:
    prices = PriceList([price("cpu", 0.10), price("cpu", 0.04, capacity="spot"), price("memory", 1.0)])
    held = SavingBook({}, prices, RATES, "USD", DAY)
    span = (START, START + timedelta(weeks=4))
    candidates = [
        candidate(),
        candidate(workload="pay", kind="serving", criticality="payment_path"),
        candidate(workload="paid", capacity="committed"),
        candidate(workload="there", capacity="spot"),
        candidate(workload="slow", kind="serving", criticality="normal", start_s=None),
        candidate(workload="big", size={"cpu": 1.0, "memory": GIB}),
    ]
    found = spot_advice(candidates, held, "production", span)
    [one] = found.recommendations
    assert one.saving.listed.expected == pytest.approx(8 * 0.06 * 730)
    assert one.saving.bill.low < one.saving.bill.expected < one.saving.bill.high
    assert (one.id, one.proposed) == (
        recommendation_id("spot", "production", "bread", "capacity"),
        {"capacity_type": "spot"},
    )
    assert "not measured" in one.risk.of
    assert {each.subject: each.reason for each in found.held} == {
        "pay": "needed",
        "paid": "already_paid",
        "there": "fits",
        "slow": "unknown",
        "big": "no_price",
    }


class OfferedBill:
    """A backend with a bill of so many machines in every hour, and two offers."""

    environment, currency = "production", "USD"
    rules = CostRules(
        offers=(
            OfferTerms(name="1 year", discount=0.3, term_months=12),
            OfferTerms(name="3 years", discount=0.5, term_months=36),
        )
    )

    def bill(self) -> OfferedBill:
        return self

    def hourly(self, *_: object) -> list[HourlyUse]:
        return uses([4] * 28 * 24)


def test_offers_for_the_same_machines_exclude_each_other() -> None:
    days = whole_days(START, START + timedelta(days=28))
    found = commitment_advice(OfferedBill(), *days)  # type: ignore[arg-type]
    assert [one.proposed["offer"] for one in found.recommendations] == ["1 year", "3 years"]
    assert [one.excludes[0] for one in found.recommendations] == [one.id for one in reversed(found.recommendations)]
    assert [one.risk.weeks for one in found.recommendations] == [4, 4]
    assert whole_days(START + timedelta(hours=1), START + timedelta(days=2, hours=3)) == (
        date(2031, 5, 2),
        date(2031, 5, 3),
    )
