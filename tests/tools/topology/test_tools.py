"""`topology.graph` and `topology.neighbours` as the gate calls them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import AnyTool, Output
from opswarden.tools.topology.backends.snapshot import SnapshotTopology
from opswarden.tools.topology.backends.types import EDGE_COLUMNS
from opswarden.tools.topology.tools import topology_tools
from opswarden.tools.topology.types import NeighboursArgs

from .conformance import edge, span

Call = Callable[..., Output[Any]]
Tools = Callable[..., tuple[AnyTool, ...]]


@pytest.fixture
def tools(make_store: Callable[..., SnapshotStore]) -> Tools:
    return lambda **tables: topology_tools(SnapshotTopology(make_store(**tables)))


CHAIN = [edge("shop", "till"), edge("till", "oven"), edge("oven", "mill", "queue"), edge("till", "purse")]


def test_the_graph_has_a_size_and_ends(call: Call, tools: Tools, start: datetime) -> None:
    output = call(tools(topology=CHAIN, logs=[{"ts": start, "entity": "lonely"}]), "topology.graph")
    assert output.status == "ok"
    result = output.summary
    assert (result.entities, result.connected, result.edges, result.source) == (6, 5, 4, "declared")
    assert result.edges_learned == 0
    assert (result.roots, result.some_roots) == (1, ("shop",))
    assert (result.leaves, result.some_leaves) == (2, ("mill", "purse"))
    assert output.artifact.schema == EDGE_COLUMNS
    assert output.artifact.num_rows == 4


def test_a_large_graph_stays_small(call: Call, tools: Tools) -> None:
    rows = [edge(f"service-number-{place}", f"database-number-{place}") for place in range(500)]
    output = call(tools(topology=rows), "topology.graph")
    assert (output.summary.roots, len(output.summary.some_roots)) == (500, 8)
    assert output.artifact.num_rows == 500


def test_entities_without_edges_are_no_graph(call: Call, tools: Tools, start: datetime) -> None:
    output = call(tools(logs=[{"ts": start, "entity": "lonely"}]), "topology.graph")
    assert (output.status, output.summary.entities, output.summary.source) == ("no_data", 1, None)
    assert call(tools(), "topology.graph").summary is None


@pytest.mark.parametrize(
    ("direction", "depth", "expected"),
    [
        ("callees", 1, [("oven", 1, None, "http"), ("purse", 1, None, "http")]),
        ("callees", 2, [("oven", 1, None, "http"), ("purse", 1, None, "http"), ("mill", 2, "oven", "queue")]),
        ("callers", 3, [("shop", 1, None, "http")]),
        ("both", 1, [("oven", 1, None, "http"), ("purse", 1, None, "http"), ("shop", 1, None, "http")]),
    ],
)
def test_neighbours(call: Call, tools: Tools, direction: str, depth: int, expected: list[tuple[Any, ...]]) -> None:
    output = call(tools(topology=CHAIN), "topology.neighbours", entity="till", direction=direction, depth=depth)
    assert output.status == "ok"
    found = [(row.entity, row.distance, row.via, row.kind) for row in output.summary.neighbours]
    assert found == expected
    assert output.scope.filters == {"entity": "till", "direction": direction, "depth": str(depth)}
    assert len(output.artifact) == len(expected)


def test_many_neighbours_are_cut_but_counted(call: Call, tools: Tools) -> None:
    rows = [edge("till", f"a-rather-long-name-of-a-service-{place}") for place in range(300)]
    output = call(tools(topology=rows), "topology.neighbours", entity="till")
    assert output.status == "truncated"
    assert output.summary.callees == 300
    assert len(output.summary.neighbours) < 60
    assert output.artifact.num_rows == 300


@pytest.mark.parametrize(
    ("entity", "direction", "note"),
    [("tilt", "both", "no entity of this name"), ("lonely", "both", "no edge"), ("shop", "callers", "within reach")],
)
def test_no_data_says_why(call: Call, tools: Tools, start: datetime, entity: str, direction: str, note: str) -> None:
    made = tools(topology=CHAIN, logs=[{"ts": start, "entity": "lonely"}])
    output = call(made, "topology.neighbours", entity=entity, direction=direction)
    assert (output.status, output.summary) == ("no_data", None)
    assert note in output.note


@pytest.mark.parametrize("change", [{"depth": 4}, {"depth": 0}, {"direction": "up"}, {"entity": ""}])
def test_arguments_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    NeighboursArgs.model_validate({"entity": "till"})
    with pytest.raises(ValidationError):
        NeighboursArgs.model_validate({"entity": "till"} | change)


def test_what_spans_add_to_a_declared_graph_is_counted(call: Call, tools: Tools, start: datetime) -> None:
    spans = [span(start, "a", None, "aisle"), span(start, "b", "a", "shop")]
    mixed = call(tools(topology=CHAIN, spans=spans), "topology.graph").summary
    assert (mixed.edges, mixed.edges_learned, mixed.source) == (5, 1, "declared")
    seen = call(tools(spans=spans), "topology.graph").summary
    assert (seen.edges, seen.edges_learned, seen.source) == (1, 1, "spans")
