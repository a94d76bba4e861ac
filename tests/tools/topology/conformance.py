"""What every source of topology has to do; `make` fills one with tables and returns it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from opswarden.core.clock import Deadline
from opswarden.tools.topology.backends.types import EDGE_COLUMNS, TopologyBackend

Make = Callable[..., TopologyBackend]


def edge(caller: str | None, callee: str | None, kind: str | None = "http") -> dict[str, Any]:
    return {"caller": caller, "callee": callee, "kind": kind}


def span(at: datetime, id: str, parent: str | None, entity: str | None, trace: str | None = "t") -> dict[str, Any]:
    row = {"trace_id": trace, "span_id": id, "parent_id": parent, "entity": entity, "name": "work"}
    return row | {"start": at, "duration_us": 5, "status": "OK"}


def check_declared_edges_come_once_and_in_order(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [
        edge("till", "oven"),
        edge("shop", "till"),
        edge("till", "oven", "queue"),
        edge("till", None),
        edge("", "x"),
    ]
    found = make(topology=rows).edges(deadline)
    assert found.schema == EDGE_COLUMNS
    assert found.to_pylist() == [
        {"caller": "shop", "callee": "till", "kind": "http", "source": "declared", "calls": None},
        {"caller": "till", "callee": "oven", "kind": "http", "source": "declared", "calls": None},
    ]


def check_spans_speak_if_nothing_is_declared(make: Make, at: datetime, deadline: Deadline) -> None:
    spans = [
        span(at, "a", None, "shop"),
        span(at, "b", "a", "till"),
        span(at, "c", "a", "till"),
        span(at, "d", "b", "till"),
        span(at, "e", "gone", "oven"),
        span(at, "f", "b", "mill", trace="other"),
        span(at, "g", "b", None),
        span(at, "", "", "road"),
    ]
    backend = make(spans=spans, topology=[])
    assert backend.edges(deadline).to_pylist() == [
        {"caller": "shop", "callee": "till", "kind": "call", "source": "spans", "calls": 2}
    ]
    declared = make(spans=spans, topology=[edge("x", "y")]).edges(deadline)
    assert declared["caller"].to_pylist() == ["x"]


def check_entities_of_all_tables_are_known(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make(
        topology=[edge("shop", "till")],
        metrics=[{"ts": at, "entity": "oven", "metric": "heat", "value": 1.0}],
        logs=[{"ts": at, "entity": "mill"}, {"ts": at, "entity": None}, {"ts": at, "entity": ""}],
        changes=[{"ts": at, "entity": "road", "id": "1"}],
        alerts=[{"ts": at, "entity": "shop", "name": "a"}],
    )
    assert backend.entities(deadline) == ("mill", "oven", "road", "shop", "till")


def check_nothing_is_nothing(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make()
    assert backend.edges(deadline).num_rows == 0
    assert backend.entities(deadline) == ()


CHECKS = (
    check_declared_edges_come_once_and_in_order,
    check_spans_speak_if_nothing_is_declared,
    check_entities_of_all_tables_are_known,
    check_nothing_is_nothing,
)
