"""`slo.burn` as the gate calls it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from opswarden.tools.metrics.backends.snapshot import SnapshotMetrics
from opswarden.tools.slo.backends.snapshot import SnapshotSlos
from opswarden.tools.slo.backends.types import Slo
from opswarden.tools.slo.tools import BURN_COLUMNS, slo_tools
from opswarden.tools.slo.types import SloBurn
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import AnyTool, Output

Call = Callable[..., Output[Any]]
Row = dict[str, Any]
WEEK_S = 7 * 86_400


def slo(query: str, *, objective: float | None = 0.99, window_s: int | None = WEEK_S, entity: str = "oven") -> Row:
    return {"entity": entity, "name": "fresh bread", "objective": objective, "window_s": window_s, "query": query}


@pytest.fixture
def series(start: datetime) -> Callable[..., list[Row]]:
    """A value a minute from two hours before the window to its end."""

    def rows(metric: str, quiet: float, now: float, *, kind: str = "gauge", unit: str = "", **labels: str) -> list[Row]:
        made, total = [], 0.0
        for minute in range(-120, 30):
            value = quiet if minute < 0 else now
            total += value
            made.append(
                {"ts": start + timedelta(minutes=minute), "entity": "oven", "metric": metric, "kind": kind,
                 "value": total if kind == "counter" else value, "unit": unit, "labels": sorted(labels.items())}
            )  # fmt: skip
        return made

    return rows


@pytest.fixture
def tools(make_store: Callable[..., SnapshotStore]) -> Callable[..., tuple[AnyTool, ...]]:
    def make(further: tuple[Slo, ...] = (), **tables: Any) -> tuple[AnyTool, ...]:
        store = make_store(**tables)
        return slo_tools(SnapshotSlos(store, further), SnapshotMetrics(store))

    return make


@pytest.fixture
def burning(call: Call, tools: Callable[..., Any], start: datetime) -> Callable[..., SloBurn]:
    """The one objective over some metrics."""

    def run(query: str, metrics: list[Row], **more: Any) -> SloBurn:
        made = tools(slos=[slo(query, **more)], metrics=metrics)
        output = call(made, "slo.burn", start=start, end=start + timedelta(minutes=30))
        assert output.artifact.schema == BURN_COLUMNS
        assert output.artifact.num_rows == 1
        found = output.summary.objectives[0]
        assert isinstance(found, SloBurn)
        return found

    return run


def now(found: SloBurn) -> float | None:
    return {rate.window_s: rate.rate for rate in found.rates}[1800]


def test_a_gauge_of_bad(burning: Callable[..., SloBurn], series: Callable[..., list[Row]]) -> None:
    found = burning("1 - burnt", series("burnt", 0.005, 0.5))
    assert (found.state, found.basis, now(found), found.rate_before) == ("page", "time", 50.0, 0.5)
    # Half an hour of a week at fifty times the rate, two hours at half of it; the middle falls on whole samples.
    assert found.budget_spent == pytest.approx((0.5 * 50 + 2 * 0.5) / 168, rel=0.01)
    assert found.left_s == pytest.approx((1 - found.budget_spent) * WEEK_S / 50, rel=0.01)


def test_a_gauge_of_good_in_per_cent(burning: Callable[..., SloBurn], series: Callable[..., list[Row]]) -> None:
    assert now(burning("fresh", series("fresh", 100, 80, unit="%"))) == 20.0


def test_counters_are_read_as_what_they_gained(
    burning: Callable[..., SloBurn], series: Callable[..., list[Row]]
) -> None:
    metrics = series("bad_total", 1, 30, kind="counter") + series("all_total", 100, 100, kind="counter")
    found = burning("1 - bad_total / all_total", metrics)
    assert (found.state, found.basis) == ("page", "requests")
    assert now(found) == 30.0
    assert found.rate_before == 1.0


def test_a_counter_that_restarts_loses_nothing(
    burning: Callable[..., SloBurn], series: Callable[..., list[Row]]
) -> None:
    metrics = series("good_total", 90, 90, kind="counter") + series("all_total", 100, 100, kind="counter")
    for row in metrics:
        if row["ts"] >= metrics[135]["ts"]:
            row["value"] -= 12_000 if row["metric"] == "all_total" else 10_800
    assert now(burning("good_total / all_total", metrics)) == pytest.approx(10.0, abs=0.7)


def test_parts_of_a_total_are_added_up(burning: Callable[..., SloBurn], series: Callable[..., list[Row]]) -> None:
    metrics = [
        *series("loaves_total", 10, 10, kind="counter", code="200", shop="north"),
        *series("loaves_total", 30, 30, kind="counter", code="200", shop="south"),
        *series("loaves_total", 0, 10, kind="counter", code="503", shop="north"),
    ]
    query = 'sum(rate(loaves_total{code!~"5.."}[5m])) / sum(rate(loaves_total[5m]))'
    assert now(burning(query, metrics)) == pytest.approx(20.0)


def test_the_total_is_not_counted_with_its_parts(
    burning: Callable[..., SloBurn], series: Callable[..., list[Row]]
) -> None:
    metrics = series("burnt", 0.0, 0.1) + series("burnt", 0.0, 0.9, shop="north")
    assert now(burning("1 - burnt", metrics)) == 10.0
    assert now(burning("1 - burnt{shop=north}", metrics)) == 90.0


def test_a_threshold_counts_samples(burning: Callable[..., SloBurn], series: Callable[..., list[Row]]) -> None:
    metrics = series("bake_ms", 100, 300, quantile="0.95") + series("bake_ms", 100, 900, quantile="0.5")
    found = burning("bake_ms{quantile=0.95} < 250", metrics)
    assert (found.state, now(found)) == ("page", 100.0)
    assert burning("bake_ms{quantile=0.95} <= 300", metrics).state == "within"


def test_a_threshold_on_a_counter_is_on_its_rate(
    burning: Callable[..., SloBurn], series: Callable[..., list[Row]]
) -> None:
    found = burning("loaves_total >= 1", series("loaves_total", 120, 30, kind="counter"))
    assert (now(found), found.rate_before) == (100.0, 0.0)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (slo("burnt % 3"), "query cannot be read"),
        (slo("1 - burnt", objective=99.9), "objective"),
        (slo("1 - burnt", objective=1.0), "objective"),
        (slo("1 - burnt", objective=None), "objective"),
        (slo("1 - burnt", objective=float("nan")), "objective"),
        (slo("1 - burnt", window_s=0), "window"),
        (slo("1 - burnt", window_s=None), "window"),
        (slo("1 - hot"), "outside of 0 to 1"),
        (slo("1 - all_total"), "a counter is no share"),
        (slo("burnt / all_total"), "one side of the ratio is a counter"),
        (slo('1 - burnt{shop=~"("}'), "invalid regular expression"),
        (slo(""), "query is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_an_error_by_name(
    call: Call, tools: Callable[..., Any], series: Callable[..., list[Row]], start: datetime, row: Row, problem: str
) -> None:
    metrics = series("burnt", 0, 0) + series("hot", 20, 90) + series("all_total", 1, 1, kind="counter")
    output = call(
        tools(slos=[row, slo("1 - burnt", entity="mill")], metrics=metrics),
        "slo.burn",
        start=start,
        end=start + timedelta(minutes=30),
    )
    states = {found.entity: found for found in output.summary.objectives}
    assert (states["oven"].state, states["oven"].rates, states["oven"].budget_spent) == ("error", (), None)
    assert problem in states["oven"].problem
    assert (states["mill"].state, output.summary.unreadable, output.summary.without_data) == ("no_data", 1, 1)


def test_a_metric_that_is_not_there_is_no_data(
    burning: Callable[..., SloBurn], series: Callable[..., list[Row]]
) -> None:
    assert burning("1 - burnt", []).state == "no_data"
    assert burning("1 - burnt / all", series("burnt", 1, 1)).state == "no_data"


def test_values_that_are_no_numbers_count_for_nothing(
    burning: Callable[..., SloBurn], series: Callable[..., list[Row]]
) -> None:
    metrics = series("burnt", 0.0, 0.2)
    for row in metrics[::3]:
        row["value"] = float("nan")
    assert now(burning("1 - burnt", metrics)) == 20.0


def test_no_objective_is_no_data(call: Call, tools: Callable[..., Any], start: datetime) -> None:
    for slos in ([], [slo("1 - burnt", entity="")]):
        output = call(tools(slos=slos), "slo.burn", start=start, end=start + timedelta(minutes=30))
        assert (output.status, output.summary) == ("no_data", None)


def test_the_most_urgent_stands_first_and_many_are_cut(
    call: Call, tools: Callable[..., Any], series: Callable[..., list[Row]], start: datetime
) -> None:
    slos = [slo("1 - burnt", entity=f"shop-{place:03d}") for place in range(300)] + [slo("1 - burnt")]
    output = call(
        tools(slos=slos, metrics=series("burnt", 0, 1)), "slo.burn", start=start, end=start + timedelta(minutes=30)
    )
    assert output.status == "truncated"
    assert output.summary.objectives[0].entity == "oven"
    assert (output.summary.slos, output.summary.paging, output.artifact.num_rows) == (301, 1, 301)


def test_the_catalogue_may_promise_too(
    call: Call, tools: Callable[..., Any], series: Callable[..., list[Row]], start: datetime
) -> None:
    more = (Slo("oven", "fresh bread", 0.5, WEEK_S, "1 - burnt"), Slo("oven", "warm", 0.9, WEEK_S, "1 - burnt"))
    made = tools(more, slos=[slo("1 - burnt")], metrics=series("burnt", 0, 0.01))
    asked = {"start": start, "end": start + timedelta(minutes=30)}
    found = call(made, "slo.burn", **asked).summary.objectives
    assert {(one.name, one.objective) for one in found} == {("fresh bread", 0.99), ("warm", 0.9)}
    assert call(made, "slo.burn", entities=["mill"], **asked).status == "no_data"
