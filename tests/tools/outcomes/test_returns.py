"""What comes back of payments: by week and delay, and what schemes make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.core.errors import InputError, ToolRetry
from opswarden.evals.suites.chargeback_worlds import chargeback_world
from opswarden.evals.suites.memory_tables import MemoryTables
from opswarden.tools.outcomes.backends.returns import FileReturns, HeldReturns
from opswarden.tools.outcomes.cohort_types import ChargebacksResult, Forecast, ProgrammesResult
from opswarden.tools.outcomes.programme_book import Programme, Tier, read_programmes
from opswarden.tools.outcomes.return_tools import return_tools
from opswarden.tools.outcomes.spread import Spread
from opswarden.tools.outcomes.triangle import triangle_of
from opswarden.tools.spec import Output

from .months import UNTIL, months, table

Call = Callable[..., Output[Any]]
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "scheme-programmes.yaml"


@pytest.fixture
def ask(call: Call) -> Iterator[Callable[..., Output[Any]]]:
    held: list[MemoryTables] = []

    def run(tool: str, rows: pa.Table, *programmes: Programme, until: datetime = UNTIL, **args: Any) -> Output[Any]:
        held.append(MemoryTables({"outcomes": rows}))
        return call(return_tools(HeldReturns(held[-1], "production"), programmes), tool, until=until, **args)

    yield run
    for each in held:
        each.close()


def programme(**more: Any) -> Programme:
    tier = {"name": "line", "since": date(2031, 1, 1), "ratio": 0.02, "at_least": 1, **more.pop("tier", {})}
    plain = {"name": "scheme", "source": "a test", "counts": ("chargeback",), "over": "same_month", "tiers": (tier,)}
    return Programme.model_validate(plain | more)


def this_month(found: Output[Any]) -> Forecast:
    assert isinstance(found.summary, ProgrammesResult)
    return next(each for each in found.summary.forecasts if each.month == date(2031, 6, 1))


def test_payments_count_for_the_delays_they_are_old_enough_for() -> None:
    payments = np.full(14, 70.0)
    returned = np.zeros((2, 9))
    returned[:, 3] = 7.0, 2.0
    returned[0, 8] = 3.0
    triangle = triangle_of(payments, returned)
    assert triangle.payments.tolist() == [490.0, 490.0]
    # The newest day has only the delay of none, the one before also that of one day, and so on.
    assert triangle.exposure[1].tolist() == [490.0, 420.0, 350.0, 280.0, 210.0, 140.0, 70.0, 0.0, 0.0]
    assert triangle.exposure[0].tolist() == [*[490.0] * 8, 420.0]
    assert triangle.shares()[[0, 3, 8]].tolist() == pytest.approx([0.0, 9 / 770, 3 / 420])


def test_a_spread_is_poisson_and_wider() -> None:
    poisson, wide = Spread(4.0, 4.0), Spread(4.0, 16.0)
    assert poisson.at_least(1) == pytest.approx(1 - np.exp(-4.0))
    assert [poisson.at_least(0), Spread(0.0, 0.0).at_least(1)] == pytest.approx([1.0, 0.0], abs=1e-6)
    assert wide.at_least(12) > 10 * poisson.at_least(12)
    draws = np.random.default_rng(1).negative_binomial(4.0 * 4.0 / 12.0, 4.0 / 16.0, 200_000)
    assert wide.quantile(0.9) == np.quantile(draws, 0.9)


@pytest.mark.parametrize(("kind", "seed"), [("", 3), ("worse_week", 4), ("worse_part", 5)])
def test_a_worse_week_is_named_at_equal_age_and_a_quiet_one_is_not(
    ask: Callable[..., Output[Any]], kind: str, seed: int
) -> None:
    world = chargeback_world(seed, kind)
    found = ask("outcomes.chargebacks", world.outcomes, until=world.until)
    result: ChargebacksResult = found.summary
    worse = {each.week for each in result.cohorts if each.is_worse}
    parts = {(each.week, each.condition.name, each.condition.value) for each in result.worse}
    if not kind:
        assert (worse, parts, result.worse_weeks) == (set(), set(), 0)
    elif world.part is None:
        assert worse == {world.week}
    else:
        assert (world.week, *world.part) in parts
        assert {each[0] for each in parts} == {world.week}
    # The newest week is young and the oldest that is shown nearly done.
    assert result.cohorts[0].developed < 0.2 < 0.5 < result.cohorts[-1].developed
    assert found.artifact is not None
    assert found.artifact.num_rows > 100


def test_what_cannot_be_dated_or_compared_is_said(ask: Callable[..., Output[Any]]) -> None:
    undated = [{**row, "labels": [("scheme", "visa")]} if row["outcome"] == "chargeback" else row for row in months()]
    result = ask("outcomes.chargebacks", table(undated)).summary
    assert result.undated_share == 1.0
    assert any("without the day of its payment" in line for line in result.not_looked_at)
    nothing = ask("outcomes.chargebacks", table([row for row in months() if row["outcome"] == "approved"])).summary
    assert any("nobody wrote it down" in line for line in nothing.not_looked_at)
    short = ask("outcomes.chargebacks", table(months(weeks=5))).summary
    assert (short.judged_weeks, short.worse_weeks) == (1, 0)
    assert ask("outcomes.chargebacks", table(months(weeks=1))).status == "no_data"


def test_a_month_is_foretold_by_its_line(ask: Callable[..., Output[Any]]) -> None:
    rows = table(months())
    # Ten of a thousand a day: 100 in ten days, about 300 in June, over about 30,000 payments.
    calm = this_month(ask("outcomes.programmes", rows, programme()))
    assert (calm.state, calm.counted, calm.limit_count, calm.allowed) == ("clear", 100, 600, 499)
    assert calm.payments == 30_000
    assert calm.ratio == pytest.approx(0.01, rel=0.03)
    assert calm.counted_low is not None
    assert calm.counted_high is not None
    assert calm.counted_low < 300 < calm.counted_high
    likely = this_month(ask("outcomes.programmes", rows, programme(tier={"ratio": 0.0085})))
    assert (likely.state, likely.allowed) == ("likely", 154)
    over = this_month(ask("outcomes.programmes", rows, programme(tier={"ratio": 0.003})))
    assert (over.state, over.allowed, over.probability) == ("over", -11, pytest.approx(1.0, abs=1e-3))


def test_a_line_counts_as_its_programme_says(ask: Callable[..., Output[Any]]) -> None:
    rows = table(months(reason="4837", resolved_by="rdr"))
    low = {"ratio": 0.005}

    def state(**more: Any) -> tuple[str, int]:
        found = this_month(ask("outcomes.programmes", rows, programme(tier=low | more.pop("tier", {}), **more)))
        return found.state, found.counted

    assert state() == ("likely", 100)
    assert state(only={"reason": ["4837"]}) == ("likely", 100)
    assert state(only={"reason": ["4863"]}) == ("clear", 0)
    assert state(without={"resolved_by": ["rdr"]}) == ("clear", 0)
    assert state(tier={"at_least": 1_000}) == ("clear", 100)
    assert state(tier={"at_least_payments": 40_000}) == ("clear", 100)
    # 300 come back at 50 USD: 15,000 USD.
    assert state(tier={"least_amount": {"currency": "USD", "amount_minor": 1_200_000}})[0] == "likely"
    assert state(tier={"least_amount": {"currency": "USD", "amount_minor": 3_000_000}})[0] == "clear"
    assert state(tier={"least_amount": {"currency": "EUR", "amount_minor": 1}})[0] == "clear"
    assert this_month(ask("outcomes.programmes", rows, programme(over="previous_month"))).payments == 31_000


def test_a_line_holds_on_its_dates_only(ask: Callable[..., Output[Any]]) -> None:
    tiers = ({"name": "old", "since": "2030-01-01", "until": "2031-07-01", "ratio": 0.02},)
    tiers += ({"name": "new", "since": "2031-07-01", "until": None, "ratio": 0.015},)  # type: ignore[assignment]
    found = ask("outcomes.programmes", table(months()), programme(tiers=tiers)).summary
    assert {(each.month.month, each.tier, each.limit_ratio) for each in found.forecasts} == {
        (6, "old", 0.02),
        (7, "new", 0.015),
    }


@pytest.mark.parametrize(
    ("rows", "more", "why"),
    [
        (months(), {"counts": ("chargeback", "fraud_report")}, "nobody ever wrote down a fraud report here"),
        (months(), {"where": {"scheme": ["other"]}}, "no payment meets its conditions"),
        (months(scheme=""), {"where": {"scheme": ["visa"]}}, "100% of what came back does not say its scheme"),
        (months(weeks=5), {}, "there are fewer than 8 weeks"),
        (months(end=UNTIL - timedelta(days=5)), {}, "the newest payment is 5 days old"),
    ],
    ids=["a feed is missing", "a condition meets nothing", "unnamed", "short", "stale"],
)
def test_what_cannot_be_foretold_is_no_health(
    ask: Callable[..., Output[Any]], rows: list[dict[str, Any]], more: dict[str, Any], why: str
) -> None:
    found = ask("outcomes.programmes", table(rows), programme(**more))
    forecast = this_month(found)
    assert (forecast.state, forecast.probability, forecast.allowed) == ("unknown", None, None)
    assert why in forecast.why
    assert found.summary.unknown == len(found.summary.forecasts)


def test_names_of_others_are_values_and_never_queries(ask: Callable[..., Output[Any]]) -> None:
    name = "x'] = 1 OR true --"
    rows = [
        {**row, "labels": [*row["labels"], (name, "a" if place % 2 else "b")]} for place, row in enumerate(months())
    ]
    assert ask("outcomes.chargebacks", table(rows)).status == "ok"
    found = this_month(ask("outcomes.programmes", table(rows), programme(where={name: ["c"]})))
    assert found.state == "unknown"
    with pytest.raises(ToolRetry, match="no programme 'b'; there are: scheme"):
        ask("outcomes.programmes", table(rows), programme(), programmes=("b",))


def test_rows_of_a_folder_are_read_and_a_broken_one_is_named(tmp_path: Path, call: Call) -> None:
    with pytest.raises(InputError, match="0 Parquet files"):
        FileReturns(tmp_path, "production")
    rows = months()
    pq.write_table(table(rows[: len(rows) // 2]), tmp_path / "a.parquet")
    pq.write_table(table(rows[len(rows) // 2 :]), tmp_path / "b.parquet")
    tools = return_tools(FileReturns(tmp_path, "production"), (programme(),))
    assert call(tools, "outcomes.programmes", until=UNTIL).summary.forecasts[0].counted == 100
    (tmp_path / "b.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(InputError, match=r"b\.parquet"):
        FileReturns(tmp_path, "production")


def test_the_documented_programmes_can_be_read_and_wrong_ones_are_named() -> None:
    book = read_programmes(EXAMPLE.read_text())
    assert all("read on" in each.source for each in book.programmes)
    (vamp, *_) = book.programmes
    assert [tier.ratio for tier in vamp.tiers if tier.holds(date(2026, 3, 1))] == [0.022]
    assert [tier.ratio for tier in vamp.tiers if tier.holds(date(2026, 4, 1))] == [0.015]
    text = EXAMPLE.read_text().replace("ratio: 0.022", "ratio: 2.2")
    with pytest.raises(InputError, match=r"line \d+: ratio"):
        read_programmes(text)
    with pytest.raises(ValueError, match="`until` is after"):
        Tier(name="x", since=date(2031, 1, 1), until=date(2031, 1, 1), ratio=0.1)
