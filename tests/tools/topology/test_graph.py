"""The call graph: ends and reach."""

from __future__ import annotations

import pyarrow as pa
import pytest

from opswarden.tools.topology.backends.types import EDGE_COLUMNS
from opswarden.tools.topology.graph import CallGraph, Side


def graph(*pairs: str) -> CallGraph:
    """Edges written as `ab`: a calls b."""
    rows = [{"caller": pair[0], "callee": pair[1], "kind": "http"} for pair in pairs]
    return CallGraph(pa.Table.from_pylist(rows, schema=EDGE_COLUMNS))


SHOP = graph("ab", "bc", "bd", "cd", "de", "xb")


def reached(entity: str, depth: int, *sides: Side) -> list[tuple[str, int, str]]:
    return [(step.entity, step.distance, step.via) for step in SHOP.within(entity, depth, sides)]


def test_ends() -> None:
    assert (SHOP.roots, SHOP.leaves, SHOP.edges) == (("a", "x"), ("e",), 6)
    assert SHOP.entities == frozenset("abcdex")


@pytest.mark.parametrize(
    ("entity", "depth", "side", "expected"),
    [
        ("b", 1, "callees", [("c", 1, "b"), ("d", 1, "b")]),
        ("b", 2, "callees", [("c", 1, "b"), ("d", 1, "b"), ("e", 2, "d")]),
        ("b", 1, "callers", [("a", 1, "b"), ("x", 1, "b")]),
        ("d", 3, "callers", [("b", 1, "d"), ("c", 1, "d"), ("a", 2, "b"), ("x", 2, "b")]),
        ("e", 3, "callees", []),
        ("nobody", 3, "callees", []),
    ],
)
def test_reach(entity: str, depth: int, side: Side, expected: list[tuple[str, int, str]]) -> None:
    assert reached(entity, depth, side) == expected


def test_both_sides_are_the_nearest_first() -> None:
    steps = SHOP.within("c", 2, ("callers", "callees"))
    assert [(step.side, step.entity, step.distance) for step in steps] == [
        ("callees", "d", 1),
        ("callers", "b", 1),
        ("callees", "e", 2),
        ("callers", "a", 2),
        ("callers", "x", 2),
    ]


def test_a_circle_ends() -> None:
    circle = graph("ab", "bc", "ca", "aa")
    assert circle.edges == 3
    assert [(step.entity, step.distance) for step in circle.within("a", 3, ("callees",))] == [("b", 1), ("c", 2)]
    assert (circle.roots, circle.leaves) == ((), ())
