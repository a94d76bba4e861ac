"""Traces of a live system: a bounded sample of whole traces, read once for both windows and looked at like a snapshot.

The queries are those of a snapshot; what a system has to do is to hand traces over (`TraceReader`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...asked_together import asked_together
from ...logs.backends.types import LogsBackend
from ...read_once import ReadOnce
from ...snapshots.held import HeldTables
from ...snapshots.schema import TABLES
from ...windows import ComparedWindows, to_us
from ..example import TRACE_COLUMNS
from ..operations import Operations
from ..spans import Spans
from .rows import SpanRow, hexadecimal, table_of
from .snapshot import SnapshotTraces

_SLICES = 6
"""Of each window: a system that hands over the newest traces first would else show only the end of a window."""
_KEPT = 3
_PATIENCE = 0.6
"""Share of the time left for which lines are waited for: a slow log system costs no traces."""


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
        found = asked_together(self._readers, lambda reader: reader.sample(slices, deadline))
        return Sample([trace for each in found for trace in each.traces], any(each.is_part for each in found))

    def find(
        self, stretch: Stretch, deadline: Deadline, *, entity: str, name: str | None, failed: bool
    ) -> Sequence[SpanRow]:
        """The spans of all."""

        def ask(reader: TraceReader) -> Sequence[SpanRow]:
            return reader.find(stretch, deadline, entity=entity, name=name, failed=failed)

        asked = asked_together(self._readers, ask)
        return [row for rows in asked for row in rows]

    def one(self, trace_id: str, deadline: Deadline) -> Sequence[SpanRow]:
        """The spans that the first one holds that knows the trace."""
        return next((rows for reader in self._readers if (rows := reader.one(trace_id, deadline))), ())

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The names that any of them lists."""
        known = asked_together(self._readers, lambda reader: reader.entities(deadline))
        return tuple(sorted({name for names in known for name in names}))


@dataclass(frozen=True)
class _Held:
    rows: pa.Table
    tables: HeldTables
    is_part: bool


class SampledTraces:
    """Implements `TracesBackend` and `Naming` over a `TraceReader`.

    Args:
        reader: of the system.

    Attributes:
        logs: where the lines are that were written within spans; no lines without it.
    """

    def __init__(self, reader: TraceReader) -> None:
        self.reader = reader
        self.logs: LogsBackend | None = None
        self._read = ReadOnce[tuple[Stretch, ...], _Held](_KEPT)

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
        """The spans of the sample with their parents, and their lines out of those that the log system streamed by."""
        held = self._of(_stretches(windows), deadline)
        lines, why = self._lines(windows, deadline) if with_lines else (None, "")
        tables = held.tables if lines is None else _beside(self.environment, held.rows, lines)
        found = SnapshotTraces(tables).spans(windows, deadline, with_lines=with_lines)
        return replace(found, is_part=held.is_part, written=lines, without_lines=why)

    def _lines(self, windows: ComparedWindows, deadline: Deadline) -> tuple[pa.Table | None, str]:
        """Lines that name a span, or why there are none: a log system that is down costs no traces."""
        if self.logs is None:
            return None, ""
        pool = ThreadPoolExecutor(1, "lines")
        try:
            # By its own whole deadline, because others may wait for the same reading; we have to go on before that.
            reading = pool.submit(self.logs.grouped, windows.model_copy(update={"entities": ()}), deadline)
            found = reading.result(deadline.left_s * _PATIENCE)
        except TimeoutError:
            return None, "without log lines, which were not read in time"
        except BackendError as error:
            return None, f"without log lines, because {error.message}"
        finally:
            pool.shutdown(wait=False)
        return found.spanned, "without log lines, of which only some were read" if found.spanned is None else ""

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

        def read() -> _Held:
            slices = [part for stretch in stretches for part in stretch.parts(_SLICES)]
            sample = self.reader.sample(slices, deadline)
            rows = table_of(row for trace in _each_once(sample.traces) for row in trace)
            return _Held(rows, HeldTables(self.environment, {"spans": rows}), sample.is_part)

        return self._read.get(stretches, read, deadline)


def _beside(environment: str, spans: pa.Table, lines: pa.Table) -> HeldTables:
    """Spans, and the lines that name them: ids are written in many ways in logs."""
    for name, digits in (("trace_id", 32), ("span_id", 16)):
        ids = pa.array([hexadecimal(text, digits) for text in lines[name].to_pylist()], pa.string())
        lines = lines.set_column(lines.column_names.index(name), name, ids)
    times = lines["ts_us"].cast(pa.timestamp("us", tz="UTC"))
    no_attributes = pa.nulls(lines.num_rows, TABLES["logs"].field("attributes").type)
    logs = lines.append_column("ts", times).append_column("attributes", no_attributes)
    return HeldTables(environment, {"spans": spans, "logs": logs})


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
