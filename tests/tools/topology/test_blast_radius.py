"""Who depends, who is hurt, and what is not known of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError, ToolRetry
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import Output, ToolContext
from opswarden.tools.topology.backends.snapshot import SnapshotTopology
from opswarden.tools.topology.backends.traffic import Passing, SnapshotTraffic
from opswarden.tools.topology.blast_radius import dependents
from opswarden.tools.topology.blast_tool import AFFECTED_COLUMNS, blast_radius_tool
from opswarden.tools.topology.harm import harms

from .conformance import edge

BAKERY = [
    edge("shop", "till"),
    edge("web", "till"),
    edge("till", "oven"),
    edge("oven", "mill"),
    edge("oven", "bread-topic", "publishes"),
    edge("van", "bread-topic", "consumes"),
    edge("cellar", "flour", "writes"),
    edge("mill", "flour", "reads"),
]


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table({name: [row.get(name) for row in rows] for name in ("caller", "callee", "kind")})


def shift(entity: str, score: float | None, **changed: Any) -> dict[str, Any]:
    return {"entity": entity, "metric": "latency_ms", "indicator_class": "latency", "direction": "up", "score": score,
            "before": 10.0, "after": 90.0, **changed}  # fmt: skip


class Stored:
    """Artifacts by id."""

    def __init__(self, **tables: pa.Table) -> None:
        self._tables = tables

    def read(self, artifact_id: str) -> pa.Table:
        if artifact_id not in self._tables:
            raise ToolRetry("no such artifact in this run")
        return self._tables[artifact_id]


@pytest.fixture
def ask(make_store: Callable[..., SnapshotStore], start: datetime, deadline: Deadline) -> Callable[..., Output[Any]]:
    def run(artifacts: Stored | None = None, traffic: Any = None, spans: Any = (), **arguments: Any) -> Output[Any]:
        store = make_store(topology=BAKERY, **({"spans": spans} if spans else {}))
        tool = blast_radius_tool(SnapshotTopology(store), traffic or SnapshotTraffic(store))
        end = start + timedelta(minutes=30)
        text = json.dumps({"start": start.isoformat(), "end": end.isoformat(), **arguments})
        context = ToolContext("run", "team", FixedClock(start), deadline, artifacts or Stored())
        return tool.run(tool.args.model_validate_json(text), context)

    return run


def test_harm_travels_to_callers_and_along_data() -> None:
    found = {one.entity: one for one in dependents(table(BAKERY), ["oven"])}
    assert {name: (one.distance, one.via, one.relation) for name, one in found.items()} == {
        "till": (1, "oven", "calls"),
        "shop": (2, "till", "calls"),
        "web": (2, "till", "calls"),
        "bread-topic": (1, "oven", "data"),
        "van": (2, "bread-topic", "data"),
    }
    assert [name for name, one in found.items() if one.is_entry] == ["shop", "web"]


def test_what_is_written_reaches_who_reads_it() -> None:
    assert [one.entity for one in dependents(table(BAKERY), ["cellar"])][:3] == ["flour", "mill", "oven"]


def test_a_circle_ends() -> None:
    circle = table([edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("a", "a")])
    assert [(one.entity, one.distance) for one in dependents(circle, ["a"])] == [("c", 1), ("b", 2)]
    assert dependents(circle, ["elsewhere"]) == ()
    assert dependents(table([{"caller": None, "callee": "a"}, {"caller": "b", "callee": ""}]), ["a"]) == ()


def test_only_what_stands_out_and_hurts_is_harm() -> None:
    rows = [
        shift("till", 9.0),
        shift("shop", 2.0),
        shift("web", 9.0, direction="down", after=1.0),
        shift("van", 50.0, metric="cpu_usage", indicator_class="saturation"),
        shift("dock", None),
        shift("", 9.0),
    ]
    found = harms(["till", "shop", "web", "van", "dock"], shifts=pa.Table.from_pylist(rows), latency=None, alerts=None)
    assert {name: harm.text for name, harm in found.worst.items()} == {"till": "latency_ms 10 → 90"}
    assert found.measured == {"till", "shop", "web"}


def test_among_many_series_the_bar_is_higher() -> None:
    many = pa.Table.from_pylist([shift("till", 4.0)] * 1_000)
    assert harms(["till"], shifts=many, latency=None, alerts=None).worst == {}
    assert harms(["till"], shifts=many.slice(0, 3), latency=None, alerts=None).worst


def test_spans_and_alerts_speak_too() -> None:
    row = {"entity": "shop", "name": "GET /", "spans_after": 200, "duration_score": 8.0, "error_score": None,
           "p95_before_us": 1e4, "p95_after_us": 9e4, "error_rate_before": 0.0, "error_rate_after": 0.0}  # fmt: skip
    rare = {**row, "entity": "web", "spans_after": 2}
    alerts = pa.table({"entity": ["till", None], "name": ["Cold", "x"]})
    found = harms(["shop", "web", "till"], shifts=None, latency=pa.Table.from_pylist([row, rare]), alerts=alerts)
    assert found.worst["shop"].text == "p95 of GET / 10 ms → 90 ms"
    assert found.worst["till"].text == "alert Cold"
    assert "web" not in found.worst
    assert "web" in found.measured


def test_a_table_of_another_kind_says_nothing() -> None:
    other = pa.table({"entity": ["till"], "colour": ["red"]})
    assert harms(["till"], shifts=other, latency=other, alerts=other).worst == {}


def test_the_hurt_stand_first(ask: Callable[..., Output[Any]]) -> None:
    shifts = pa.Table.from_pylist([shift("shop", 9.0), shift("till", 1.0), shift("web", 0.5)])
    output = ask(Stored(m1=shifts), entities=["oven"], shifts="m1")
    result = output.summary
    assert output.status == "ok"
    assert (result.dependents, result.harmed, result.unharmed, result.unknown) == (5, 1, 2, 2)
    assert (result.affected[0].entity, result.affected[0].symptom) == ("shop", "latency_ms 10 → 90")
    assert (result.entries, result.entries_reached) == (("shop",), 2)
    assert result.evidence_missing == ("latency", "alerts")
    assert output.artifact.schema == AFFECTED_COLUMNS


def test_without_evidence_nobody_is_called_hurt(ask: Callable[..., Output[Any]]) -> None:
    result = ask(entities=["oven"]).summary
    assert (result.harmed, result.unknown) == (0, 5)
    assert result.evidence_missing == ("shifts", "latency", "alerts")


def test_nobody_depends_on_an_entry_and_strangers_are_no_data(ask: Callable[..., Output[Any]]) -> None:
    alone = ask(entities=["shop"])
    assert (alone.status, alone.summary.dependents, alone.artifact.num_rows) == ("ok", 0, 0)
    assert ask(entities=["moon"]).status == "no_data"


def test_the_share_of_traces(ask: Callable[..., Output[Any]], start: datetime) -> None:
    def span(trace: str, entity: str, minute: int) -> dict[str, Any]:
        at = start + timedelta(minutes=minute)
        return {"trace_id": trace, "span_id": f"{trace}{entity}", "entity": entity, "start": at, "duration_us": 5}

    spans = [span("t1", "shop", 1), span("t1", "oven", 1), span("t1", "oven", 2), span("t2", "shop", 3),
             span("t3", "oven", -5), span("", "oven", 1)]  # fmt: skip
    result = ask(spans=spans, entities=["oven"]).summary
    assert (result.traces, result.traces_passing) == (2, 1)


def test_who_depends_is_told_though_the_traces_cannot_be_counted(ask: Callable[..., Output[Any]]) -> None:
    class Slow:
        def passing(self, *_: object) -> Passing:
            raise BackendError("too slow")

    output = ask(traffic=Slow(), entities=["oven"])
    assert (output.status, output.summary.dependents, output.summary.traces) == ("truncated", 5, 0)
    assert "not known" in output.note
