"""Contributions to the time of root operations, and one trace as a tree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from opswarden.tools.traces.example import TRACE_COLUMNS, tree_of
from opswarden.tools.traces.forest import plant
from opswarden.tools.traces.paths import PATH_COLUMNS, compare_paths
from opswarden.tools.windows import ComparedWindows, to_us

from .trees import row, table

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
WINDOWS = ComparedWindows(
    start=NOON, end=NOON + timedelta(minutes=30), baseline_start=NOON - timedelta(hours=2), baseline_end=NOON
)


def request(rows: list[dict[str, Any]], minute: float, mill: int, *, road: int = 40, shop: str = "shop") -> None:
    """A shop that asks the mill and the road side by side, and works 20 by itself."""
    at, first = to_us(NOON) + round(minute * 60_000_000), len(rows)
    rows.append(row(at, at + 20 + max(mill, road), -1, shop, trace=first))
    rows.append(row(at + 10, at + 10 + mill, first, "mill", trace=first))
    rows.append(row(at + 10, at + 10 + road, first, "road", trace=first))


def compared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = compare_paths(plant(table(rows)), WINDOWS)
    assert found.schema == PATH_COLUMNS
    listed: list[dict[str, Any]] = found.to_pylist()
    return listed


def test_contributions_add_up_to_what_requests_became_slower_by() -> None:
    rows: list[dict[str, Any]] = []
    for minute in range(-100, 0, 10):
        request(rows, minute, 30)
    for minute in range(2, 30, 2):
        request(rows, minute, 130)
    found = compared(rows)
    assert [(row["entity"], row["own_before_us"], row["own_after_us"]) for row in found] == [
        ("mill", 0.0, 130.0),
        ("shop", 20.0, 20.0),
        ("road", 40.0, 0.0),
    ]
    assert sum(row["added_us"] for row in found) == 90 == found[0]["root_after_us"] - found[0]["root_before_us"]
    assert [row["added_share"] for row in found] == pytest.approx([130 / 90, 0, -40 / 90])
    assert [(row["on_path_before"], row["on_path_after"]) for row in found] == [(0, 1), (1, 1), (1, 0)]
    assert (found[0]["requests_before"], found[0]["requests_after"], found[0]["spans_after"]) == (10, 14, 3)


def test_what_cost_most_time_in_all_comes_first_and_one_sided_operations_are_left_out() -> None:
    rows: list[dict[str, Any]] = []
    for minute in (-50, -40):
        for shop in ("kiosk", "store", "gone"):
            request(rows, minute, 50, shop=shop)
    for minute in range(1, 11):
        request(rows, minute, 60, shop="store")
    for minute in (1, 2):
        request(rows, minute, 90, shop="kiosk")
        request(rows, minute, 90, shop="new")
    assert list(dict.fromkeys(row["root_entity"] for row in compared(rows))) == ["store", "kiosk"]


def test_faster_requests_have_no_shares() -> None:
    rows: list[dict[str, Any]] = []
    request(rows, -5, 90)
    request(rows, 5, 60)
    assert {row["added_share"] for row in compared(rows)} == {None}


def test_nothing_and_zero_durations_are_no_contribution() -> None:
    assert compared([]) == []
    at = to_us(NOON)
    assert compared([row(at - 9, at - 9), row(at + 9, at + 9)]) == []


def trace(*spans: tuple[str, str | None, int, int, bool]) -> pa.Table:
    """Id, parent, begin, end, failed."""
    names = ("span_id", "parent_id", "begin_us", "end_us", "failed")
    rows = [dict(zip(names, span, strict=True)) | {"entity": span[0], "name": "work"} for span in spans]
    return pa.Table.from_pylist([{n: row.get(n) for n in TRACE_COLUMNS.names} for row in rows], schema=TRACE_COLUMNS)


def shown(rows: pa.Table, limit: int) -> list[tuple[str, int, int, int]]:
    ids = rows["span_id"].to_pylist()
    return [(ids[node.place], node.depth, node.own_us, node.hidden) for node in tree_of(rows, limit).nodes]


TRACE = trace(
    ("a", None, 0, 100, True),
    ("quick", "a", 1, 2, False),
    ("b", "a", 10, 90, True),
    ("c", "b", 20, 25, True),
    ("d", "b", 30, 80, False),
    ("quicker", "d", 31, 32, False),
)


def test_a_whole_tree_is_in_reading_order() -> None:
    assert shown(TRACE, 50) == [
        ("a", 0, 19, 0),
        ("quick", 1, 1, 0),
        ("b", 1, 25, 0),
        ("c", 2, 5, 0),
        ("d", 2, 49, 0),
        ("quicker", 3, 1, 0),
    ]


def test_of_a_large_tree_the_origin_of_the_error_and_the_longest_wait_are_shown() -> None:
    assert shown(TRACE, 4) == [("a", 0, 19, 1), ("b", 1, 25, 0), ("c", 2, 5, 0), ("d", 2, 49, 1)]
    assert shown(TRACE, 1) == [("a", 0, 19, 1), ("b", 1, 25, 2), ("c", 2, 5, 0)]


def test_orphans_circles_and_spans_without_ids_are_shown_as_roots() -> None:
    rows = trace(
        ("a", "lost", 0, 10, False), ("b", "c", 20, 30, False), ("c", "b", 21, 29, False), ("", "", 40, 50, True)
    )
    tree = tree_of(rows, 9)
    assert [(node.place, node.depth) for node in tree.nodes] == [(0, 0), (1, 0), (2, 1), (3, 0)]
    assert tree.orphans == 1
    assert tree_of(trace(), 9).nodes == ()


def test_a_chain_of_thousands_is_no_deep_recursion() -> None:
    spans = [(str(place), str(place - 1) if place else None, place, 20_000 - place, False) for place in range(5_000)]
    assert len(tree_of(trace(*spans), 10).nodes) >= 10
