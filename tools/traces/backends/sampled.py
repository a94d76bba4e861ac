"""Traces of a live system: a bounded sample of whole traces, read once for both windows and looked at like a snapshot.

The queries are those of a snapshot; what a system has to do is to hand traces over (`TraceReader`).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...snapshots.held import HeldTables
from ...windows import ComparedWindows, to_us
from ..example import TRACE_COLUMNS
from ..operations import Operations
from ..spans import Spans
from .rows import SpanRow, table_of
from .snapshot import SnapshotTraces

_SLICES = 6
"""Of each window: a system that hands over the newest traces first would else show only the end of a window."""
_KEPT = 3


@dataclass(frozen=True)
class Stretch:
    """Microseconds since the epoch, `[start, end)`."""

    start: int
    end: int

    def parts(self, number: int) -> list[Stretch]:
        """As many equal parts."""
        edges = [self.start + (self.end - self.start) * place // number for place in range(number + 1)]
        return [Stretch(first, last) for first, last in pairwise(edges)]


@dataclass(frozen=True)
class Sample:
    """Traces.

    Args:
        traces: the spans of each, whole; a trace may stand there several times.
        is_part: whether there may be more.
    """

    traces: Sequence[Sequence[SpanRow]]
    is_part: bool


class TraceReader(Protocol):
    """A system that hands traces over. Methods raise `BackendError` if it does not answer before the deadline."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def sample(self, slices: Sequence[Stretch], deadline: Deadline) -> Sample:
        """Traces of each slice, as many of one as of another where there are too many."""
        ...

    def find(
        self, stretch: Stretch, deadline: Deadline, *, entity: str, name: str | None, failed: bool
    ) -> Sequence[SpanRow]:
        """Spans of an entity; of very many some."""
        ...

    def one(self, trace_id: str, deadline: Deadline) -> Sequence[SpanRow]:
        """The spans of a trace; none if it is not there, or if that is no id."""
        ...

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The names of services, sorted."""
        ...


class JoinedReader:
    """Implements `TraceReader` over several of one environment, at least one; if one fails, nothing is known."""

    def __init__(self, readers: Sequence[TraceReader]) -> None:
        self._readers = tuple(readers)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return self._readers[0].environment

    def sample(self, slices: Sequence[Stretch], deadline: Deadline) -> Sample:
        """The traces of all; of one that several hold parts of the largest part."""
        found = [reader.sample(slices, deadline) for reader in self._readers]
        return Sample([trace for each in found for trace in each.traces], any(each.is_part for each in found))

    def find(
        self, stretch: Stretch, deadline: Deadline, *, entity: str, name: str | None, failed: bool
    ) -> Sequence[SpanRow]:
        """The spans of all."""
        asked = (reader.find(stretch, deadline, entity=entity, name=name, failed=failed) for reader in self._readers)
        return [row for rows in asked for row in rows]

    def one(self, trace_id: str, deadline: Deadline) -> Sequence[SpanRow]:
        """The spans that the first one holds that knows the trace."""
        return next((rows for reader in self._readers if (rows := reader.one(trace_id, deadline))), ())

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The names that any of them lists."""
        return tuple(sorted({name for reader in self._readers for name in reader.entities(deadline)}))


@dataclass(frozen=True)
class _Held:
    stretches: tuple[Stretch, ...]
    tables: HeldTables
    is_part: bool


class SampledTraces:
    """Implements `TracesBackend` and `Naming` over a `TraceReader`."""

    def __init__(self, reader: TraceReader) -> None:
        self.reader = reader
        self._lock = threading.Lock()
        self._held: list[_Held] = []

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self.reader.environment

    def operations(self, windows: ComparedWindows, deadline: Deadline) -> Operations:
        """The spans of the sample, joined with their children."""
        held = self._of(_stretches(windows), deadline)
        found = SnapshotTraces(held.tables).operations(windows, deadline)
        return replace(found, is_part=held.is_part)

    def spans(self, windows: ComparedWindows, deadline: Deadline, *, with_lines: bool = False) -> Spans:
        """The spans of the sample with their parents; there are no lines here."""
        held = self._of(_stretches(windows), deadline)
        found = SnapshotTraces(held.tables).spans(windows, deadline)
        return replace(found, is_part=held.is_part)

    def example(
        self, start: datetime, end: datetime, deadline: Deadline, *, entity: str, name: str | None, failed: bool
    ) -> str | None:
        """The trace with the longest matching span among those that the system hands over."""
        stretch = Stretch(to_us(start), to_us(end))
        found = self.reader.find(stretch, deadline, entity=entity, name=name, failed=failed)
        tables = HeldTables(self.environment, {"spans": table_of(found)})
        return SnapshotTraces(tables).example(start, end, deadline, entity=entity, name=name, failed=failed)

    def trace(self, trace_id: str, deadline: Deadline) -> pa.Table:
        """The spans of a trace, by begin."""
        rows = self.reader.one(trace_id, deadline)
        if not rows:
            return TRACE_COLUMNS.empty_table()
        tables = HeldTables(self.environment, {"spans": table_of(rows)})
        return SnapshotTraces(tables).trace(rows[0].trace_id, deadline)

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The names of services."""
        return self.reader.entities(deadline)

    def between(self, times: Sequence[tuple[datetime, datetime]], deadline: Deadline) -> HeldTables:
        """The spans of a sample of some stretches of time."""
        return self._of(tuple(Stretch(to_us(start), to_us(end)) for start, end in times), deadline).tables

    def _of(self, stretches: tuple[Stretch, ...], deadline: Deadline) -> _Held:
        """A sample of these stretches of time; who asks for the same waits for the one who reads it."""
        if not self._lock.acquire(timeout=deadline.left_s):
            raise BackendError("others read these traces and are not done yet", remedy="try again later")
        try:
            known = next((held for held in self._held if held.stretches == stretches), None)
            if known is None:
                slices = [part for stretch in stretches for part in stretch.parts(_SLICES)]
                sample = self.reader.sample(slices, deadline)
                rows = table_of(row for trace in _each_once(sample.traces) for row in trace)
                known = _Held(stretches, HeldTables(self.environment, {"spans": rows}), sample.is_part)
                self._held = [*self._held[1 - _KEPT :], known]
            return known
        finally:
            self._lock.release()


def _each_once(traces: Sequence[Sequence[SpanRow]]) -> list[Sequence[SpanRow]]:
    """Of a trace that several slices saw, the answer with most spans."""
    best: dict[str, Sequence[SpanRow]] = {}
    for trace in traces:
        if trace and len(trace) > len(best.get(trace[0].trace_id, ())):
            best[trace[0].trace_id] = trace
    return [best[name] for name in sorted(best)]


def _stretches(windows: ComparedWindows) -> tuple[Stretch, ...]:
    return (
        Stretch(to_us(windows.baseline_start), to_us(windows.baseline_end)),
        Stretch(to_us(windows.start), to_us(windows.end)),
    )
