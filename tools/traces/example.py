"""One trace as a tree that a person can read: the critical path, what failed, and how much else there is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .critical import critical_self_us
from .forest import Bools, plant
from .spans import SPAN_COLUMNS

TRACE_COLUMNS = pa.schema(
    [
        ("trace_id", pa.string()),
        ("span_id", pa.string()),
        ("parent_id", pa.string()),
        ("entity", pa.string()),
        ("name", pa.string()),
        ("begin_us", pa.int64()),
        ("end_us", pa.int64()),
        ("status", pa.string()),
        ("failed", pa.bool_()),
    ]
)
"""The spans of one trace, by begin."""

MAX_TRACE_SPANS = 20_000


@dataclass(frozen=True)
class Node:
    """One span of the tree.

    Args:
        place: row of the span.
        depth: 0 for a root.
        own_us: own time on the critical path.
        offset_us: from the begin of the trace.
        hidden: spans below it that are not shown.
    """

    place: int
    depth: int
    own_us: int
    offset_us: int
    hidden: int


@dataclass(frozen=True)
class Tree:
    """The tree in reading order.

    Args:
        nodes: parents before their children, children by begin.
        skewed: spans whose clocks were set right.
        orphans: spans whose parent is not in the data.
    """

    nodes: tuple[Node, ...]
    skewed: int
    orphans: int


def tree_of(rows: pa.Table, limit: int) -> Tree:
    """The most telling spans of a trace: those that failed and those with most time on the critical path.

    Every span is shown with all that are above it.

    Args:
        rows: `TRACE_COLUMNS`.
        limit: how many spans to show, unless what is above them makes more.
    """
    if not rows.num_rows:
        return Tree((), 0, 0)
    forest = plant(_linked(rows))
    own = critical_self_us(forest)
    shown = np.zeros(len(forest), np.bool_)
    # A failed span whose children did not fail is where it began.
    fails_below = np.zeros(len(forest), np.bool_)
    above = forest.parent[forest.failed & (forest.parent >= 0)]
    fails_below[above] = True
    origin = forest.failed & ~fails_below
    for place in np.lexsort((np.arange(len(forest)), -own, ~origin)).tolist():
        if shown.sum() >= limit:
            break
        while place >= 0 and not shown[place]:
            shown[place] = True
            place = int(forest.parent[place])
    hidden = _hidden(forest.parent, shown, forest.levels)
    begin = int(forest.begin_us.min())
    nodes = []
    waiting = sorted(forest.levels[0].tolist(), key=lambda place: (forest.begin_us[place], place), reverse=True)
    children: dict[int, list[int]] = {}
    for place in np.flatnonzero(shown & (forest.parent >= 0)).tolist():
        children.setdefault(int(forest.parent[place]), []).append(place)
    while waiting:
        place = waiting.pop()
        if not shown[place]:
            continue
        offset = int(forest.begin_us[place]) - begin
        nodes.append(Node(place, int(forest.level[place]), int(own[place]), offset, int(hidden[place])))
        waiting += sorted(children.get(place, []), key=lambda kid: (forest.begin_us[kid], kid), reverse=True)
    return Tree(tuple(nodes), int(forest.skewed.sum()), forest.orphans)


def _linked(rows: pa.Table) -> pa.Table:
    places: dict[str, int] = {}
    for place, name in enumerate(rows["span_id"].to_pylist()):
        if name:
            places.setdefault(name, place)
    parents = [name or None for name in rows["parent_id"].to_pylist()]
    columns = {
        "trace": np.zeros(rows.num_rows, np.int64),
        "parent": [places.get(name, -1) if name else -1 for name in parents],
        "entity": rows["entity"].fill_null("").dictionary_encode(),
        "name": rows["name"].fill_null("").dictionary_encode(),
        "begin_us": rows["begin_us"],
        "end_us": rows["end_us"],
        "failed": rows["failed"],
        "is_again": np.zeros(rows.num_rows, np.bool_),
        "is_orphan": [name is not None and name not in places for name in parents],
    }
    return pa.table(columns).cast(SPAN_COLUMNS)


def _hidden(parent: np.ndarray, shown: Bools, levels: tuple[np.ndarray, ...]) -> np.ndarray:
    """Spans below each shown one that are not shown and have no shown one in between."""
    hidden = np.zeros(len(parent), np.int64)
    for members in reversed(levels):
        gone = members[~shown[members]]
        gone = gone[parent[gone] >= 0]
        np.add.at(hidden, parent[gone], hidden[gone] + 1)
    return hidden
