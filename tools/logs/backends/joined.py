"""Several log systems read as one; if one of them fails, nothing is known rather than half."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ...asked_together import asked_together
from ...read_once import ReadOnce
from ...windows import ComparedWindows
from ..grouped import GROUP_COLUMNS, MAX_GROUPS, GroupedLines
from ..levels import Level
from .types import FoundLines, LogsBackend

_APART = ":"
_KEPT = 2
"""Readings of both windows that are kept: `logs.patterns` and `traces.calls` look at the same one."""


class JoinedLogs:
    """Implements `LogsBackend` over several of one environment; at least one.

    The id of a line begins with the number of its system.
    """

    def __init__(self, backends: Sequence[LogsBackend]) -> None:
        self._backends = tuple(backends)
        self._read = ReadOnce[tuple[datetime | tuple[str, ...], ...], GroupedLines](_KEPT)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return self._backends[0].environment

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
        """The lines of all, in order of time."""

        def ask(backend: LogsBackend) -> FoundLines:
            return backend.search(
                start, end, deadline, entities=entities, contains=contains, levels=levels, head=head, tail=tail
            )

        found = asked_together(self._backends, ask)
        matched = sum(part.matched for part in found)
        rows = pa.concat_tables([self._named(place, part.rows) for place, part in enumerate(found)])
        return FoundLines(matched, ends_of(rows, matched, head, tail))

    def read(self, ids: Sequence[str], deadline: Deadline) -> pa.Table:
        """The lines with these ids."""

        def ask(numbered: tuple[int, LogsBackend]) -> pa.Table:
            place, backend = numbered
            prefix = f"{place}{_APART}"
            own = [name.removeprefix(prefix) for name in ids if name.startswith(prefix)]
            return self._named(place, backend.read(own, deadline))

        parts = asked_together(list(enumerate(self._backends)), ask)
        return pa.concat_tables(parts).sort_by([("ts_us", "ascending"), ("id", "ascending")])

    def grouped(self, windows: ComparedWindows, deadline: Deadline) -> GroupedLines:
        """The groups of all; of one that several systems hold the counts add up where their weights are the same."""
        key = (windows.baseline_start, windows.baseline_end, windows.start, windows.end, windows.entities)
        return self._read.get(key, lambda: self._grouped(windows, deadline), deadline)

    def _grouped(self, windows: ComparedWindows, deadline: Deadline) -> GroupedLines:
        found = asked_together(self._backends, lambda backend: backend.grouped(windows, deadline))
        rows = _summed(
            pa.concat_tables([self._named(place, part.rows, "example_id") for place, part in enumerate(found)])
        )
        totals = pa.concat_tables([part.totals for part in found])
        summed = totals.group_by("entity", use_threads=False).aggregate([("before", "sum"), ("after", "sum")])
        summed = summed.rename_columns([name.removesuffix("_sum") for name in summed.column_names])
        return GroupedLines(
            rows.slice(0, MAX_GROUPS),
            summed.select(totals.schema.names).cast(totals.schema).sort_by("entity"),
            complete=all(part.complete for part in found) and rows.num_rows <= MAX_GROUPS,
            spanned=self._spanned([part.spanned for part in found]),
            unread="; ".join(part.unread for part in found if part.unread),
        )

    def _spanned(self, parts: Sequence[pa.Table | None]) -> pa.Table | None:
        known = [self._named(place, part) for place, part in enumerate(parts) if part is not None]
        return pa.concat_tables(known) if len(known) == len(parts) else None

    def _named(self, place: int, rows: pa.Table, column: str = "id") -> pa.Table:
        names = [None if name is None else f"{place}{_APART}{name}" for name in rows[column].to_pylist()]
        return rows.set_column(rows.schema.get_field_index(column), column, pa.array(names, pa.string()))


def _summed(rows: pa.Table) -> pa.Table:
    """One row for each entity, level, text and weight, with the example of the one that has more in the window."""
    keys = ["entity", "level", "masked", "weight"]
    counts = [name for name in GROUP_COLUMNS.names if name.startswith(("after", "before_"))]
    how = [("first_us", "min"), ("onset_us", "min"), ("last_us", "max"), ("example_id", "first")]
    ordered = rows.sort_by([("after", "descending"), ("example_id", "ascending")])
    summed = ordered.group_by(keys, use_threads=False).aggregate([*how, *((name, "sum") for name in counts)])
    names = {f"{name}_{kind}": name for name, kind in (*how, *((name, "sum") for name in counts))}
    summed = summed.rename_columns([names.get(name, name) for name in summed.column_names])
    return summed.select(GROUP_COLUMNS.names).cast(GROUP_COLUMNS)


def ends_of(rows: pa.Table, matched: int, head: int, tail: int) -> pa.Table:
    """The first and the last of lines, in order of time.

    Args:
        rows: `LINE_COLUMNS`: all that match, or more than the wanted ends of them.
        matched: how many match.
        head: how many of the first.
        tail: how many of the last.
    """
    ordered = rows.sort_by([("ts_us", "ascending"), ("id", "ascending")])
    if matched <= head + tail and rows.num_rows <= head + tail:
        return ordered
    return pa.concat_tables([ordered.slice(0, head), ordered.slice(max(head, ordered.num_rows - tail))])
