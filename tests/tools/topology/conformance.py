"""What every source of topology has to do; `make` fills one with tables and returns it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
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


def check_spans_add_what_is_not_declared(make: Make, at: datetime, deadline: Deadline) -> None:
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
    mixed = make(spans=spans, topology=[edge("x", "y"), edge("road", "mill")]).edges(deadline).to_pylist()
    assert [(row["caller"], row["callee"], row["source"]) for row in mixed] == [
        ("road", "mill", "declared"),
        ("shop", "till", "spans"),
        ("x", "y", "declared"),
    ]
    same = make(spans=spans, topology=[edge("shop", "till", "grpc")]).edges(deadline).to_pylist()
    assert same == [{"caller": "shop", "callee": "till", "kind": "grpc", "source": "declared", "calls": None}]


def edges(backend: TopologyBackend, deadline: Deadline) -> list[tuple[str, str, str]]:
    return [(row["caller"], row["callee"], row["kind"]) for row in backend.edges(deadline).to_pylist()]


def check_callees_without_spans_are_named_by_their_callers(make: Make, at: datetime, deadline: Deadline) -> None:
    said = [
        {"db.system": "postgresql", "db.name": "orders", "server.address": "10.0.0.7"},
        {"peer.service": "bank", "span.kind": "client"},
        {"server.address": "mill.bakery.svc.cluster.local:8080"},
        {"server.address": "10.1.2.3:5432"},
        {"net.peer.name": "localhost"},
        {"db.system": "redis"},
        {"rpc.service": "bakery.Till", "span.kind": "SPAN_KIND_CLIENT"},
        {"peer.service": "guest", "span.kind": "SERVER"},
        {},
    ]
    spans = [span(at, str(place), None, "shop") | {"attributes": list(tags.items())} for place, tags in enumerate(said)]
    spans.append(span(at, "k", None, "shop") | {"attributes": [("peer.service", "till-alias")]})
    spans.append(span(at, "l", "k", "till"))
    spans.append(span(at, "m", None, "mill"))
    assert edges(make(spans=spans), deadline) == [
        ("shop", "bank", "call"),
        ("shop", "mill", "call"),
        ("shop", "orders", "query"),
        ("shop", "redis", "query"),
        ("shop", "till", "call"),
    ]
    declared = edges(make(spans=spans, topology=[edge("shop", "orders-db")]), deadline)
    assert declared == [("shop", "mill", "call"), ("shop", "orders-db", "http"), ("shop", "till", "call")]


def check_messages_go_through_their_queue(make: Make, at: datetime, deadline: Deadline) -> None:
    sent = [("messaging.destination.name", "loaves"), ("span.kind", "PRODUCER")]
    taken = [("messaging.destination.name", "loaves"), ("span.kind", "CONSUMER")]
    spans = [span(at, "a", None, "oven") | {"attributes": sent}, span(at, "b", "a", "van") | {"attributes": taken}]
    assert edges(make(spans=spans), deadline) == [("oven", "loaves", "publishes"), ("van", "loaves", "consumes")]


def check_client_and_server_may_share_an_id(make: Make, at: datetime, deadline: Deadline) -> None:
    later = at + timedelta(milliseconds=1)
    spans = [span(at, "a", None, "shop"), span(later, "a", None, "till"), span(later, "b", "a", "oven")]
    assert edges(make(spans=spans), deadline) == [("shop", "till", "call"), ("till", "oven", "call")]


def check_machines_that_several_share_are_couplings(make: Make, at: datetime, deadline: Deadline) -> None:
    def on(id: str, entity: str, node: str) -> dict[str, Any]:
        return span(at, id, None, entity) | {"attributes": [("k8s.node.name", node)]}

    metric = {"ts": at, "entity": "oven", "metric": "heat", "value": 1.0, "labels": [("node", "n1")]}
    alone = {"ts": at, "entity": "mill", "metric": "heat", "value": 1.0, "labels": [("node", "n3")]}
    backend = make(spans=[on("a", "shop", "n1"), on("b", "till", "n2")], metrics=[metric, alone])
    assert edges(backend, deadline) == [("oven", "n1", "runs_on"), ("shop", "n1", "runs_on")]
    known = make(spans=[on("b", "till", "n2")], metrics=[{**alone, "entity": "n2", "labels": []}])
    assert edges(known, deadline) == [("till", "n2", "runs_on")]


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
    check_spans_add_what_is_not_declared,
    check_callees_without_spans_are_named_by_their_callers,
    check_messages_go_through_their_queue,
    check_client_and_server_may_share_an_id,
    check_machines_that_several_share_are_couplings,
    check_entities_of_all_tables_are_known,
    check_nothing_is_nothing,
)
