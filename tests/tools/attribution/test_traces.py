"""Signs out of the artifacts of the trace tools."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from opswarden.tools.attribution.evidence import Evidence, new_evidence, read_shifts
from opswarden.tools.attribution.tools import Tables, rank_tables
from opswarden.tools.attribution.traces import read_calls, read_latency
from opswarden.tools.traces.calls import CALL_COLUMNS

from .tables import START, graph, latency, operation, shift, shifts


def event(entity: str, before: float = 1.0, after: float = 0.0, score: float = -9.0, **more: Any) -> dict[str, Any]:
    """A line that an operation used to write in all requests and writes in none."""
    row: dict[str, Any] = {"entity": entity, "name": f"{entity}.work", "kind": "line", "event": "done", "level": "info"}
    row |= {"is_trouble": False, "requests_before": 50, "requests_after": 50, "with_after": round(50 * after)}
    row |= {"share_before": before, "share_after": after, "share_score": score, "share_wobble": 0.0, "size": 1.0}
    return row | {"times_score": 0.0} | more


def calls(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{n: row.get(n) for n in CALL_COLUMNS.names} for row in rows], schema=CALL_COLUMNS)


def read(*rows: dict[str, Any]) -> Evidence:
    evidence = new_evidence()
    read_calls(calls(*rows), evidence)
    return evidence


def strength(evidence: Evidence, entity: str, kind: Any = "calls") -> float:
    return evidence[entity].strength(kind)


def test_less_than_usual_says_more_than_more_and_trouble_more_than_its_end() -> None:
    found = read(
        event("less"),
        event("more", 0.0, 1.0, 9.0),
        event("wrong", 0.0, 1.0, 9.0, is_trouble=True, level="error"),
        event("well", 1.0, 0.0, -9.0, is_trouble=True, level="error"),
    )
    assert strength(found, "less") == strength(found, "wrong") > strength(found, "more") > strength(found, "well") > 0
    assert found["less"].signs["calls"].text == "less.work writes done in 0% of 50 requests, 100% before"


def test_among_many_events_a_step_needs_more_to_be_no_chance() -> None:
    few, many = (
        read(event("a", score=-4.0)),
        read(event("a", score=-4.0), *(event(f"b{n}", score=0.0) for n in range(3_000))),
    )
    assert strength(few, "a") > 1
    assert strength(many, "a") == 0


def test_a_share_that_wanders_is_weaker_evidence() -> None:
    found = read(event("steady"), event("restless", share_wobble=0.4))
    assert strength(found, "steady") > 2 * strength(found, "restless")


def test_whoever_acts_on_other_answers_is_a_witness() -> None:
    step = event("shop", kind="call", target="till", event="till.work")
    alone = read(step, event("shop", 1.0, 1.0, 0.0, kind="call", target="oven", event="oven.work"))
    told = read(
        step, event("shop", 1.0, 1.0, 0.0, kind="call", target="oven", event="oven.work"), event("oven", score=-12.0)
    )
    assert strength(told, "shop") < strength(alone, "shop") / 2
    assert strength(told, "oven") > strength(told, "shop")


def test_one_query_for_each_item_is_a_sign() -> None:
    row = event("shop", 1.0, 1.0, 0.0, kind="call", target="db", event="SELECT", size=0.0)
    found = read(row | {"times_before": 1.0, "times_after": 30.0, "times_score": 40.0})
    assert strength(found, "shop") > 1
    assert found["shop"].signs["calls"].text == "shop.work calls db SELECT 30.0 times in a request, 1.0 before"


def test_rows_without_an_entity_or_a_score_are_no_signs() -> None:
    assert dict(read(event("")) | read(event("a", score=0.0) | {"times_score": None})) == {}


def test_an_operation_that_returns_early_is_ranked_before_the_one_that_calls_it() -> None:
    found = calls(
        event("shop", kind="call", target="oven", event="oven.work", score=-7.0),
        event("shop", 1.0, 1.0, 0.0, kind="call", target="mill", event="mill.work"),
        event("mill", score=-8.0),
    )
    tables = Tables(calls=found, graph=graph(("gateway", "shop"), ("shop", "mill"), ("shop", "oven")))
    assert rank_tables(tables, START, None, None)[0][0].entity == "mill"


@pytest.mark.parametrize(("p95_after", "weight"), [(10_000.0, 0.4), (14_142.1, 0.7), (40_000.0, 1.0)])
def test_a_metric_counts_less_if_spans_saw_every_call_take_as_long_as_before(p95_after: float, weight: float) -> None:
    evidence = new_evidence()
    read_shifts(shifts(shift("oven", "latency_p99_ms", 50), shift("oven", "cpu_usage", 50)), evidence)
    times = {"p95_before_us": 10_000.0, "p95_after_us": p95_after}
    read_latency(latency(operation("oven", "bake", **times), operation("mill", "grind", **times)), evidence)
    assert evidence["oven"].signs["saturation"].weight == pytest.approx(weight, abs=0.01)
    assert evidence["oven"].signs["latency"].weight == pytest.approx(weight, abs=0.01)
    assert set(evidence) == {"oven", "mill"}


def test_few_spans_or_more_errors_leave_a_metric_its_weight() -> None:
    for more in ({"spans_after": 9}, {"error_score": 5.0, "error_rate_after": 0.5}):
        evidence = new_evidence()
        read_shifts(shifts(shift("oven", "cpu_usage", 50)), evidence)
        row = operation("oven", "bake", p95_before_us=10.0, p95_after_us=10.0, error_rate_before=0.0, **more)
        read_latency(latency(row), evidence)
        assert evidence["oven"].signs["saturation"].weight == 1.0
