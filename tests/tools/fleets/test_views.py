"""What analyses look at: half hours of a fleet on disk, sizes over time, prices of a day, peaks ahead."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from opswarden.tools.fleets.half_hours import read_half_hours
from opswarden.tools.fleets.list_prices import list_prices, units_of
from opswarden.tools.fleets.manifest import FleetManifest
from opswarden.tools.fleets.replay import Replay, wilson90
from opswarden.tools.fleets.schema import FLEET_TABLES
from opswarden.tools.fleets.store import FleetStore
from opswarden.tools.fleets.subjects import Occasion, Subject, peak_ahead, subjects_of
from opswarden.tools.fleets.view import read_view
from opswarden.tools.fleets.writer import FleetWriter

START = datetime(2026, 6, 1, tzinfo=UTC)
HOSTILE = "oven'); DROP TABLE usage; --"
GIB = 2**30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks and a bit: one week is whole before the end, and so is another."""
    where = tmp_path_factory.mktemp("views") / "fleet"
    manifest = FleetManifest(
        title="t", environment="production", start=START, end=START + timedelta(days=15), currency="USD"
    )
    minute = timedelta(minutes=1)
    day = START + timedelta(days=1)
    samples = [
        (day + 5 * minute, "oven", "cpu", 0.5), (day + 10 * minute, "oven", "cpu", 0.9),
        (day + 29 * minute, "oven", "cpu", 0.7), (day + 30 * minute, "oven", "cpu", 0.1),
        (day + 31 * minute, "oven", "cpu", float("nan")), (day + 32 * minute, "oven", "cpu", float("inf")),
        (day + 33 * minute, "oven", "cpu", -4.0), (day, HOSTILE, "cpu", 2.0), (day, "oven", "memory", 1.0 * GIB),
        (START + timedelta(hours=3), "oven", "cpu", 99.0), (START + timedelta(days=15), "oven", "cpu", 98.0),
    ]  # fmt: skip
    with FleetWriter(where, manifest) as writer:
        columns = ("ts", "workload", "resource", "value")
        writer.write("usage", {name: [row[at] for row in samples] for at, name in enumerate(columns)})
        writer.write("workloads", {"workload": ["oven", "oven", HOSTILE], "kind": ["serving", "store", None]})
        writer.write(
            "sizes",
            {"ts": [START, START + timedelta(days=3), START], "workload": ["oven"] * 3,
             "resource": ["cpu", "cpu", "replicas"], "value": [1.0, 2.0, float("nan")]},
        )  # fmt: skip
        writer.write("happenings", {"ts": [day], "workload": ["oven"], "kind": ["start"]})
    return where


def test_half_hours_are_maxima_of_whole_weeks_before_the_end(folder: Path) -> None:
    store = FleetStore(folder)
    usage = read_half_hours(store, ["oven", HOSTILE], ["cpu"])
    store.close()
    cpu = usage.of("oven", "cpu")
    assert cpu is not None
    # Fifteen days hold two whole weeks: the first day is left out, and so is what lies at the end or is no number.
    assert (usage.weeks, usage.halves) == (2, 672)
    assert np.flatnonzero(np.isfinite(cpu)).tolist() == [0, 1]
    assert cpu[:2] == pytest.approx([0.9, 0.1])
    assert usage.seen("oven", "cpu")[:3].tolist() == [True, True, False]
    hostile = usage.of(HOSTILE, "cpu")
    assert hostile is not None
    assert float(hostile[0]) == 2.0
    assert usage.of("oven", "memory") is None
    assert not usage.seen("oven", "gpu").any()


def test_a_view_as_of_a_week_knows_no_more(folder: Path) -> None:
    store = FleetStore(folder)
    view = read_view(store, ["cpu", "memory"], lambda _one: True)
    store.close()
    assert [subject.name for subject in view.subjects] == ["oven", HOSTILE]
    assert view.by_name["oven"].kind == "serving"
    assert view.by_name[HOSTILE].kind == "other"
    assert view.by_name["oven"].size("cpu") == 2.0
    assert view.by_name["oven"].replicas(view.usage.times_us).tolist() == [1.0] * 672
    calm = view.calm("oven")
    assert (calm[:3].tolist(), calm[3:].all()) == ([False, False, True], True)
    before = view.as_of_week(1)
    assert (before.end, before.usage.halves) == (view.end - timedelta(weeks=1), 336)
    assert before.by_name["oven"].size("cpu") == 2.0  # changed on the third day
    sizes = view.by_name["oven"].over_time("cpu", np.array([view.usage.start_us, view.end_us]))
    assert sizes.tolist() == [1.0, 2.0]


def rows(name: str, *given: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(given), schema=FLEET_TABLES[name])  # type: ignore[index]


def test_prices_are_those_of_the_day_in_our_currency() -> None:
    listed = rows(
        "prices",
        {"region": "here", "sku": "cpu", "unit": "Hour", "price": 0.1, "currency": "USD", "since": date(2026, 1, 1)},
        {"region": "here", "sku": "cpu", "unit": "Hour", "price": 0.2, "currency": "EUR", "since": date(2026, 5, 1)},
        {"region": "here", "sku": "cpu", "unit": "Hour", "price": 9.9, "currency": "EUR", "since": date(2027, 1, 1)},
        {"region": None, "sku": "memory", "unit": "GiB-Hour", "price": 0.01, "currency": "USD"},
        {"region": "here", "sku": "volume:ssd", "unit": "GiB-Month", "price": 7.3, "currency": "USD"},
        {"region": "here", "sku": "gpu:L4", "unit": "Hour", "price": 100.0, "currency": "JPY"},
        {"region": "here", "sku": "odd", "unit": "Furlong", "price": 1.0, "currency": "USD"},
        {"region": "here", "sku": "less", "unit": "Hour", "price": -1.0, "currency": "USD"},
    )  # fmt: skip
    rates = rows(
        "rates",
        {"day": date(2026, 5, 30), "base": "USD", "quote": "EUR", "rate": 0.8},
        {"day": date(2026, 5, 1), "base": "EUR", "quote": "USD", "rate": 9.0},
        {"day": date(2026, 6, 2), "base": "EUR", "quote": "USD", "rate": 7.0},
    )
    prices = list_prices(listed, rates, "USD", date(2026, 6, 1))
    assert prices.price("here", "cpu", "spot") == pytest.approx(0.25)
    assert prices.price("there", "memory", "on_demand") == 0.01
    assert prices.price("here", "volume:ssd", "on_demand") == pytest.approx(0.01)
    assert [prices.price("here", sku, "on_demand") for sku in ("gpu:L4", "odd", "less")] == [None, None, None]
    committed = Subject(name="oven", region="here", capacity_type="committed")
    saving = prices.saving(committed, {"cpu": 2.0}, share=0.5)
    assert saving is not None
    assert (saving.bill.expected, saving.freed.expected) == (0.0, pytest.approx(2 * 0.25 * 365))
    assert prices.saving(committed, {"cpu": 1.0, "gpu:L4": 1.0}) is None


def test_what_one_replica_reserves() -> None:
    (oven,) = subjects_of(
        rows("workloads", {"workload": "oven", "gpu_type": "L4"}),
        rows("sizes", *({"ts": START, "workload": "oven", "resource": name, "value": value}
                        for name, value in (("cpu", 2.0), ("memory", 4.0 * GIB), ("gpu", 1.0)))),
    )  # fmt: skip
    assert units_of(oven, 0.5) == {"cpu": 2.0, "memory": 4.0, "gpu:L4": 0.5}
    assert units_of(Subject(name="oven", instance_type="g5.xlarge", sizes=oven.sizes)) == {"g5.xlarge": 1.0}


YEARLY = Occasion(date(2020, 2, 29), date(2020, 3, 1), "leap", "peak", "BR", yearly=True)
ONCE = Occasion(date(2026, 7, 10), date(2026, 7, 11), "fair", "peak", None, yearly=False)


@pytest.mark.parametrize(
    ("occasions", "country", "end", "name"),
    [
        ([ONCE], "BR", datetime(2026, 6, 10, tzinfo=UTC), "fair"),
        ([ONCE], "BR", datetime(2026, 5, 1, tzinfo=UTC), None),
        ([ONCE], "BR", datetime(2026, 7, 20, tzinfo=UTC), None),
        ([ONCE], "BR", datetime(2026, 7, 11, tzinfo=UTC), "fair"),
        ([YEARLY], "BR", datetime(2027, 2, 10, tzinfo=UTC), "leap"),
        ([YEARLY], None, datetime(2027, 2, 10, tzinfo=UTC), "leap"),
        ([YEARLY], "MX", datetime(2027, 2, 10, tzinfo=UTC), None),
        ([YEARLY, Occasion(date(2027, 1, 10), date(2027, 1, 11), "leap", "peak", "BR", False)], "BR",
         datetime(2027, 2, 10, tzinfo=UTC), None),
    ],
    ids=["in a month", "too far away", "over", "it goes on", "every year", "for all countries", "of another country",
         "one of its name was seen"],
)  # fmt: skip
def test_peaks_ahead(occasions: list[Occasion], country: str | None, end: datetime, name: str | None) -> None:
    found = peak_ahead(occasions, country, end - timedelta(weeks=8), end, 35)
    assert (found.name if found else None) == name


def test_risk_is_the_share_with_its_interval() -> None:
    assert wilson90(0, 0) == (0.0, 1.0)
    low, high = wilson90(5, 100)
    assert (round(low, 3), round(high, 3)) == (0.025, 0.099)
    replay = Replay("replicas", "replicas", "a rule", 10, 100, 5, 0.2, 0.05)
    assert replay.is_passed
    risk = replay.risk("harm")
    assert (round(risk.probability, 3), risk.weeks) == (0.059, 100)
    assert not Replay("replicas", "replicas", "a rule", 10, 100, 12, 0.2, 0.05).is_passed
    nothing = Replay("schedule", "", "a rule", 0, 0, 0, 0.0, 0.05)
    assert (nothing.is_passed, nothing.risk("harm").probability) == (True, 0.5)
