"""A double of a Loki with millions of lines, which it makes up as they are asked for: a cycle that repeats.

It is the double of `loki_server.py` in everything but where its lines come from: one every so many nanoseconds. Counts
are worked out from how often each line of the cycle falls into a range, and lines that a query leaves out are skipped
with arithmetic, so that it costs about as little as it would cost a Loki.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np

from .logql_reader import CountQuery, LogQuery, ParseError
from .loki_server import Entry, LokiServer

_CHUNK = 50_000


class _Repeated(Sequence[Any]):
    """A cycle of things, so many times; what is handed out is made of its place."""

    def __init__(self, cycle: Sequence[Any], length: int, made: Any) -> None:
        self._cycle, self._length, self._made = cycle, length, made

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._length))]
        return self._made(place, self._cycle[place % len(self._cycle)])


class SteadyLoki(LokiServer):
    """One server on a port of its own.

    Args:
        cycle: lines that repeat; their times do not count.
        begin_ns: when the first one was written.
        gap_ns: between two.
        number: of lines.
    """

    def __init__(self, cycle: Sequence[Entry], begin_ns: int, gap_ns: int, number: int) -> None:
        self._cycle = list(cycle)
        self._begin_ns, self._gap_ns, self._number = begin_ns, gap_ns, number
        super().__init__(())
        labels = [{**entry.metadata, **entry.stream} for entry in self._cycle]
        self.entries = _Repeated(  # type: ignore[assignment]  # as good as a list here
            self._cycle,
            number,
            lambda place, one: Entry(begin_ns + place * gap_ns, one.stream, one.line, one.metadata),
        )
        self._all = _Repeated(labels, number, lambda _place, one: one)  # type: ignore[assignment]  # as above

    def stats(self, given: Mapping[str, str]) -> dict[str, int]:
        """All lines of the range; its questions name every stream."""
        self._read(given)
        first, last = self._places(int(given["start"]), int(given["end"]))
        size = sum(len(entry.line) for entry in self._cycle) // len(self._cycle)
        return {"streams": 1, "chunks": 1, "bytes": size * (last - first), "entries": last - first}

    def _places(self, start: int, end: int) -> tuple[int, int]:
        first = max(0, -(-(start - self._begin_ns) // self._gap_ns))
        last = min(self._number, -(-(end - self._begin_ns) // self._gap_ns))
        return first, max(first, last)

    def _counts(self, query: CountQuery, at: int) -> dict[tuple[tuple[str, str], ...], int]:
        first, last = self._places(at - query.range_ms * 1_000_000 + 1, at + 1)
        counts: dict[tuple[tuple[str, str], ...], int] = {}
        for slot in range(len(self._cycle)):
            labels = self._kept(query.log, slot)
            there = (last - slot - 1) // len(self._cycle) - (first - slot - 1) // len(self._cycle)
            if labels is not None and there:
                key = tuple((name, labels[name]) for name in query.by if labels.get(name))
                counts[key] = counts.get(key, 0) + there
        if len(counts) > self.most_series:
            raise ParseError(f"maximum of series ({self.most_series}) reached for a single query")
        return counts

    def _kept(self, query: LogQuery, place: int, ns: int | None = None) -> Mapping[str, str] | None:
        """The labels of a line that a query finds, at its own time or at another."""
        entry: Entry = self.entries[place]
        if not query.matches(entry.stream):
            return None
        labels: Mapping[str, str] | None = self._all[place]
        for stage in query.stages:
            at = entry.ns if ns is None else ns
            labels = stage(at, labels, entry.line)  # type: ignore[arg-type]  # a stage that drops ends it
            if labels is None:
                return None
        return labels

    def _found(self, query: LogQuery, start: int, end: int, *, is_forward: bool) -> Iterator[int]:
        first, last = self._places(start, end)
        kept = np.array([self._kept(query, slot, ns=0) is not None for slot in range(len(self._cycle))])
        for at in range(first, last, _CHUNK) if is_forward else range(last - 1, first - 1, -_CHUNK):
            stop = min(at + _CHUNK, last) if is_forward else max(at - _CHUNK, first - 1)
            places = np.arange(at, stop, 1 if is_forward else -1)
            found = kept[places % len(self._cycle)]
            if query.picks is not None:
                prime, limit = query.picks
                found &= (self._begin_ns + places * self._gap_ns) % prime < limit
            yield from places[found].tolist()
