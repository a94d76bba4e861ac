"""What is missing of some views, in chunks, in an order in which writing them leaves online right.

Views come after those they depend on. Within a view chunks follow the time: a store that overwrites newer rows with
older ones is right only after everything up to its newest row has been written once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...core.canonical import JsonValue, digest
from ..features.backends.store import View
from ..features.gaps import Interval, gaps

Why = Literal["gap", "again"]
Counted = Callable[[View, int, int, int], Sequence[int]]
"""View, start, end and step: offline rows in each step."""

MOST_CHUNKS = 2_000
_LEAST_PAST = 3
_LOW, _HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Chunk:
    """One interval of one view to materialize.

    Args:
        why: `gap`: nobody materialized it; `again`: it follows a gap, in a store where an older write wins.
        rows: that the offline side has in it.
    """

    view: str
    start_us: int
    end_us: int
    why: Why
    rows: int


@dataclass(frozen=True)
class Pace:
    """How fast chunks were written before: seconds for a row, low, middle and high; and how many say so."""

    low: float
    middle: float
    high: float
    chunks: int


@dataclass(frozen=True)
class Plan:
    """What to write.

    Args:
        digest: of environment and chunks: two plans of one digest write the same.
        order: the views, those that others depend on first.
        empty: gaps without a single offline row, which no backfill mends.
    """

    digest: str
    chunks: tuple[Chunk, ...]
    order: tuple[str, ...]
    empty: tuple[tuple[str, Interval], ...]

    @property
    def rows(self) -> int:
        """Offline rows in all chunks."""
        return sum(chunk.rows for chunk in self.chunks)

    def seconds(self, pace: Pace | None, pause_s: float) -> tuple[float, float, float] | None:
        """Low, middle and high estimate, pauses included; `None` without a past to tell."""
        if pace is None:
            return None
        pauses = max(len(self.chunks) - 1, 0) * pause_s
        low, middle, high = (self.rows * each + pauses for each in (pace.low, pace.middle, pace.high))
        return low, middle, high


def plan(
    environment: str,
    views: Mapping[str, View],
    wanted: Sequence[str],
    interval: Interval,
    step_us: int,
    count: Counted,
    *,
    keeps_newest: bool,
) -> Plan:
    """The chunks that fill the gaps of some views, and of those they depend on.

    Args:
        environment: of the store.
        views: all of them by name.
        wanted: names of views.
        interval: `[start, end)` that has to be there.
        step_us: of a chunk, at most.
        count: tells rows.
        keeps_newest: as the store's.

    Raises:
        ValueError: a view is unknown, views depend on one another in a circle, or there would be too many chunks.
    """
    order = _order(views, wanted)
    chunks: list[Chunk] = []
    empty: list[tuple[str, Interval]] = []
    for name in order:
        view = views[name]
        missing = gaps(view.intervals, *interval)
        if not missing:
            continue
        upto = interval[1]
        if not keeps_newest and view.intervals:
            upto = max(upto, view.intervals[-1][1])
        parts: list[tuple[Interval, Why]] = []
        parts.extend((gap, "gap") for gap in missing)
        if not keeps_newest:
            parts.extend((part, "again") for part in gaps(missing, missing[0][0], upto))
        for (start, end), why in sorted(parts):
            steps = math.ceil((end - start) / step_us)
            if len(chunks) + steps > MOST_CHUNKS:
                raise ValueError(f"more than {MOST_CHUNKS} chunks")
            rows = count(view, start, end, step_us)
            edges = [*range(start, end, step_us), end]
            chunks += [Chunk(name, edges[at], edges[at + 1], why, rows[at]) for at in range(steps)]
            if why == "gap" and not sum(rows):
                empty.append((name, (start, end)))
    body: list[JsonValue] = [[chunk.view, chunk.start_us, chunk.end_us] for chunk in chunks]
    name = digest({"environment": environment, "chunks": body})[:32]
    return Plan(name, tuple(chunks), tuple(order), tuple(empty))


def pace_of(past: Sequence[tuple[int, float]]) -> Pace | None:
    """How fast chunks were written.

    Args:
        past: rows and seconds of each; chunks without a row tell nothing.
    """
    each = np.array([seconds / rows for rows, seconds in past if rows > 0 and seconds > 0])
    if len(each) < _LEAST_PAST:
        return None
    low, middle, high = (float(value) for value in np.quantile(each, (_LOW, 0.5, _HIGH)))
    return Pace(low, middle, high, len(each))


def _order(views: Mapping[str, View], wanted: Sequence[str]) -> list[str]:
    """Some views and all that they depend on, those first."""
    found: list[str] = []
    under_way: list[str] = []

    def visit(name: str) -> None:
        if name in found:
            return
        if name not in views:
            raise ValueError("the store has no view of this name")
        if name in under_way:
            raise ValueError("views depend on one another in a circle")
        under_way.append(name)
        for before in sorted(views[name].depends_on):
            visit(before)
        under_way.pop()
        found.append(name)

    for name in sorted(wanted):
        visit(name)
    return found
