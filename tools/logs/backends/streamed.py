"""Logs of a source that can do nothing but hand over its lines one after the other: files, a journal."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...windows import ComparedWindows, to_us
from ..counting import LineCounter
from ..grouped import GroupedLines
from ..levels import SPELLINGS, Level
from .joined import ends_of
from .rows import AtHand, Row, in_order, table_of
from .sampling import REST, Counted, totals_of
from .types import FoundLines

_BATCH = 5_000


class LineSource(Protocol):
    """Hands lines over. Methods raise `BackendError` if it cannot, or not before the deadline."""

    @property
    def environment(self) -> str:
        """Where the lines come from."""
        ...

    def lines(self, start_us: int, end_us: int, deadline: Deadline) -> Iterator[Row]:
        """The lines of a stretch of time, in no order."""
        ...

    def find(self, ids: Sequence[str], deadline: Deadline) -> Iterable[Row]:
        """The lines with these ids; an id that means nothing is left out."""
        ...


class StreamedLogs:
    """Implements `LogsBackend` over a `LineSource`: every line is looked at, and few are kept."""

    def __init__(self, source: LineSource) -> None:
        self._source = source
        self._at_hand = AtHand()

    @property
    def environment(self) -> str:
        """Where the lines come from."""
        return self._source.environment

    def search(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        contains: str | None = None,
        levels: Sequence[Level] = (),
        head: int,
        tail: int,
    ) -> FoundLines:
        """Lines in `[start, end)`; of each at most 32,768 characters."""
        matches = _test(entities, contains, levels)
        first: list[tuple[tuple[int, int], Row]] = []
        last: list[tuple[tuple[int, int], Row]] = []
        matched = 0
        for row in self._source.lines(to_us(start), to_us(end), deadline):
            if not matches(row):
                continue
            matched += 1
            _keep(first, ((-row.ts_us, -matched), row), head + tail)
            _keep(last, ((row.ts_us, matched), row), tail)
        kept = {row.id: row for _, row in (*first, *last)}
        return FoundLines(matched, ends_of(table_of(list(kept.values())), matched, head, tail))

    def read(self, ids: Sequence[str], deadline: Deadline) -> pa.Table:
        """The lines with these ids; of each at most 32,768 characters."""
        at_hand, others = self._at_hand.find(ids)
        found = table_of(list(self._source.find(others, deadline))) if others else at_hand.slice(0, 0)
        return in_order(pa.concat_tables([at_hand, found]))

    def grouped(self, windows: ComparedWindows, deadline: Deadline) -> GroupedLines:
        """All lines of both windows, masked and counted as they come."""
        known: dict[str, Counted] = {}
        sides = (("before", windows.baseline_start, windows.baseline_end), ("after", windows.start, windows.end))
        with LineCounter(windows) as counter:
            for side, start, end in sides:
                rows = self._source.lines(to_us(start), to_us(end), deadline)
                if windows.entities:
                    rows = filter(_test(windows.entities, None, ()), rows)
                while batch := list(islice(rows, _BATCH)):
                    for row in batch:
                        each = known.setdefault(row.entity, Counted())
                        setattr(each, side, getattr(each, side) + 1)
                    counter.add(table_of(batch), REST)
            weights = dict.fromkeys(counter.seen(), 1)
            found, examples = counter.grouped(totals_of(known), weights)
        self._at_hand.keep(examples)
        return found


class Allowance:
    """How much a question may still read, and until when.

    Args:
        name: of the source, for errors.
        most_mb: that it may read.
        deadline: by when.
    """

    def __init__(self, name: str, most_mb: int, deadline: Deadline) -> None:
        self._name = name
        self._most_mb = most_mb
        self._left = most_mb * 1_000_000
        self.deadline = deadline

    def spend(self, size_bytes: int) -> None:
        """Before or after something was read.

        Raises:
            BackendError: that was too much, or too late.
        """
        self._left -= size_bytes
        if self._left < 0:
            raise BackendError(
                f"{self._name} has more than {self._most_mb} MB of lines to look through",
                remedy="ask for less time, or raise its `most_mb`",
            )
        if self.deadline.passed:
            raise BackendError(f"{self._name} could not be read in time", remedy="ask for less time")


def _keep(heap: list[tuple[tuple[int, int], Row]], item: tuple[tuple[int, int], Row], most: int) -> None:
    """Keep the largest."""
    if len(heap) < most:
        heapq.heappush(heap, item)
    elif most:
        heapq.heappushpop(heap, item)


def _test(entities: Sequence[str], contains: str | None, levels: Sequence[Level]) -> Callable[[Row], bool]:
    named, text = frozenset(entities), contains.lower() if contains is not None else None
    spellings = frozenset(spelling for level in levels for spelling in SPELLINGS[level])

    def matches(row: Row) -> bool:
        return (
            (not named or row.entity in named)
            and (not spellings or (row.level or "").strip().upper() in spellings)
            and (text is None or text in row.body.lower())
        )

    return matches
