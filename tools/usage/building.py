"""Build a history from any relation of DuckDB: streamed, a few days at a time, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...core.errors import InputError
from ..fleets.schema import USAGE_RESOURCES
from .buckets import FIRST_BY_PLACE
from .cells import (
    BUCKET_BITS,
    DAY_S,
    CellCollector,
    Cells,
    Collected,
    Counts,
    Floats,
    Int32s,
    pack,
    starts_of,
    unpack,
)
from .finishing import Series, finished
from .history import History, united
from .naming import NO_HASHES, Hashes, both, moment, named, samples, series_of

if TYPE_CHECKING:
    import duckdb

_EPOCH = datetime.fromtimestamp(0, UTC)
_BATCH = 131_072
_CELLS_AT_ONCE = 3_000_000
_ROWS_AT_ONCE = 4_000_000
_MOST_DAYS = 20_000
_SHOWN_RESOURCES = 20

_Query = tuple[str, dict[str, list[int]]]


@dataclass(frozen=True)
class Source:
    """What was found in a relation.

    Args:
        rows: all of them.
        unknown: rows of resources that there are not, by name; at most twenty names.
        nameless: rows without a workload or a resource.
        outside: rows without a time, or of days that were not asked for.
    """

    rows: int
    unknown: dict[str, int]
    nameless: int
    outside: int


@dataclass(frozen=True)
class Built:
    """A history and what it was built from."""

    history: History
    source: Source


def build_history(
    cursor: duckdb.DuckDBPyConnection, relation: str, first: date, last: date, *, cells: int = _CELLS_AT_ONCE
) -> Built:
    """The history of the days from `first` to `last`, both included.

    Samples are read in whatever order they lie. One moment of one series counts once, with the largest value that is
    there for it; what is no number, negative or infinite does not count. All of it is told by day. Times are read to
    the second.

    Args:
        cursor: a connection of our own.
        relation: the name of a view of ours, with columns ts, workload, resource and value.
        first: the first day, in UTC.
        last: the last day, in UTC.
        cells: about how many hours of series to hold at once; more need fewer looks at a relation without order.

    Raises:
        InputError: more series or days than can be held.
    """
    if not 0 <= (last - first).days < _MOST_DAYS:
        raise InputError("a history has at least one day and at most 54 years", remedy="check the dates")
    building = _Building(cursor, relation, cells)
    building.read(first, last)
    return Built(united(building.parts), left_out(cursor, relation, first, last, building.seen))


class _Building:
    """One history in the making.

    Names cost more to read than samples, so they are looked up for the first day that has any; later ones only for what
    appears anew, which is then read by itself.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, relation: str, cells: int) -> None:
        self._cursor = cursor
        self._relation = relation
        self._cells = cells
        self._series = series_of([], [], [])
        self._strangers = NO_HASHES
        self.parts: list[History] = []
        self.seen = 0

    def read(self, first: date, last: date) -> None:
        """Every day, both included."""
        begin = self._first_day(first, last)
        self._learn((begin, begin), None)
        while begin <= last:
            end = self._last_at_once(begin, last, self._series)
            unknown = self._part((begin, end), self._series, None)
            new = unknown[~np.isin(unknown, self._strangers)]
            if len(new):
                self._read_new((begin, end), self._learn((begin, end), new))
            begin = end + timedelta(days=1)

    def _first_day(self, first: date, last: date) -> date:
        bounds = {"first": moment(first), "end": moment(last + timedelta(days=1))}
        (found,) = self._cursor.execute(
            f"SELECT epoch_us(min(ts)) FROM {self._relation} WHERE ts >= $first AND ts < $end",  # noqa: S608
            bounds,
        ).fetchall()[0]
        return first if found is None else (_EPOCH + timedelta(microseconds=found)).date()

    def _learn(self, days: tuple[date, date], of: Hashes | None) -> Series:
        found = named(self._cursor, self._relation, days, of)
        self._series = both(self._series, found.series)
        self._strangers = np.union1d(self._strangers, found.strangers)
        return found.series

    def _last_at_once(self, begin: date, last: date, series: Series) -> date:
        days = min(max(1, self._cells // max(1, 24 * len(series.names))), _MOST_DAYS)
        return begin + timedelta(days=min(days - 1, (last - begin).days))

    def _read_new(self, days: tuple[date, date], series: Series) -> None:
        begin, last = days
        while begin <= last and series.names:
            end = self._last_at_once(begin, last, series)
            self._part((begin, end), series, series.hashes)
            begin = end + timedelta(days=1)

    def _part(self, days: tuple[date, date], series: Series, of: Hashes | None) -> Hashes:
        """Read some days of some series; the hashes of what else was there."""
        found, unknown = _collected(self._cursor, samples(self._relation, of), days, series)
        self.seen += int(found.cells.n.sum()) + sum(int(part.n.sum()) for part in (found.unusable, found.repeated))
        self.parts.append(finished(found, series, days[0]))
        return unknown


def left_out(cursor: duckdb.DuckDBPyConnection, relation: str, first: date, last: date, seen: int) -> Source:
    """What was not read, and why; counted only if something is missing."""
    total = int(cursor.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])  # noqa: S608 - a name of ours
    if total == seen:
        return Source(total, {}, 0, 0)
    known = ", ".join(f"'{name}'" for name in USAGE_RESOURCES)
    within = "ts >= $first AND ts < $end"
    bounds = {"first": moment(first), "end": moment(last + timedelta(days=1))}
    nameless = cursor.execute(
        f"SELECT count(*) FROM {relation} WHERE {within} AND (workload IS NULL OR resource IS NULL)",  # noqa: S608
        bounds,
    ).fetchall()[0][0]
    found = cursor.execute(
        f"SELECT resource, count(*) AS n FROM {relation} WHERE {within} AND workload IS NOT NULL"  # noqa: S608
        f" AND resource NOT IN ({known}) GROUP BY ALL ORDER BY n DESC, resource",
        bounds,
    ).fetchall()
    unknown = {name: int(n) for name, n in found[:_SHOWN_RESOURCES]}
    if len(found) > _SHOWN_RESOURCES:
        unknown["others"] = sum(int(n) for _, n in found[_SHOWN_RESOURCES:])
    return Source(total, unknown, int(nameless), total - seen - int(nameless) - sum(int(n) for _, n in found))


def _collected(
    cursor: duckdb.DuckDBPyConnection, query: _Query, days: tuple[date, date], series: Series
) -> tuple[Collected, Hashes]:
    """What some days hold of some series, and the hashes of all others."""
    collector = CellCollector(FIRST_BY_PLACE[series.resources])
    others: list[Hashes] = [NO_HASHES]
    for batch in _batches(cursor, query, days):
        numbers, at_s, value, unknown = _columns(batch, _seconds(days[0]), series)
        collector.add(numbers, at_s, value)
        if len(unknown):
            others.append(np.unique(unknown))
    found = collector.collected()
    whole = _read_again(cursor, query, days[0], found, series) if len(found.overlapping) else found
    return whole, np.unique(np.concatenate(others))


def _batches(cursor: duckdb.DuckDBPyConnection, query: _Query, days: tuple[date, date]) -> Iterator[Any]:
    sql, given = query
    bounds = {"first": moment(days[0]), "end": moment(days[1] + timedelta(days=1))}
    yield from cursor.sql(sql, params={**bounds, **given}).to_arrow_reader(_BATCH)


def _columns(batch: Any, zero: int, series: Series) -> tuple[Int32s, Int32s, Floats, Hashes]:
    """Numbers of series, seconds since the first day (`zero`, since the epoch), values, and hashes of other series."""
    hashes, at_us, value = (np.asarray(batch.column(place)) for place in range(3))
    starts = starts_of(hashes)
    number = series.numbers(hashes[starts])
    numbers = np.repeat(number, np.diff(np.append(starts, len(hashes))))
    at_s = (at_us // 1_000_000 - zero).astype(np.int32)
    if not len(number) or number.min() >= 0:
        return numbers, at_s, value, NO_HASHES
    known = numbers >= 0
    return numbers[known], at_s[known], value[known], hashes[starts][number < 0]


def _read_again(
    cursor: duckdb.DuckDBPyConnection, query: _Query, first: date, found: Collected, series: Series
) -> Collected:
    """Days whose samples lie scattered are read once more, each as a whole, so that repetitions are seen."""
    cell_key = pack(found.cells.series, found.cells.first_s // DAY_S)
    again = np.isin(cell_key, found.overlapping)
    parts = [_without(found, again)]
    size = np.bincount(np.searchsorted(found.overlapping, cell_key[again]), found.cells.n[again])
    block = (np.cumsum(size) // _ROWS_AT_ONCE).astype(np.int64)  # days come first in the keys
    _, day = unpack(found.overlapping)
    for place in np.unique(block).tolist():
        some = block == place
        wanted = found.overlapping[some]
        low, high = int(day[some].min()), int(day[some].max())
        kept: list[tuple[Int32s, Int32s, Floats]] = []
        for batch in _batches(cursor, query, (first + timedelta(days=low), first + timedelta(days=high))):
            columns = _columns(batch, _seconds(first), series)
            inside = np.isin(pack(columns[0], columns[1] // DAY_S), wanted)
            kept.append((columns[0][inside], columns[1][inside], columns[2][inside]))
        collector = CellCollector(FIRST_BY_PLACE[series.resources])
        collector.add(
            np.concatenate([numbers for numbers, _, _ in kept]),
            np.concatenate([at_s for _, at_s, _ in kept]),
            np.concatenate([value for _, _, value in kept]),
            is_scattered=True,
        )
        parts.append(collector.collected())
    return _together(parts)


def _without(found: Collected, again: npt.NDArray[np.bool_]) -> Collected:
    """What was collected, without the days that are read again."""

    def rest(counts: Counts) -> Counts:
        kept = ~np.isin((counts.key >> BUCKET_BITS) << BUCKET_BITS, found.overlapping)
        return Counts(counts.key[kept], counts.n[kept])

    cells = found.cells
    kept = ~again
    return Collected(
        Cells(*(getattr(cells, name)[kept] for name in Cells.__dataclass_fields__)),
        rest(found.buckets),
        rest(found.unusable),
        rest(found.repeated),
        rest(found.disordered),
        np.zeros(0, np.int64),
    )


def _together(parts: list[Collected]) -> Collected:
    """Parts that have no day of a series in common."""
    names = Cells.__dataclass_fields__
    columns = {name: np.concatenate([getattr(part.cells, name) for part in parts]) for name in names}
    order = np.lexsort((columns["first_s"], columns["series"], columns["first_s"] // DAY_S))
    cells = Cells(**{name: column[order] for name, column in columns.items()})

    def joined(name: str) -> Counts:
        counts = [getattr(part, name) for part in parts]
        key, n = (np.concatenate([getattr(one, field) for one in counts]) for field in ("key", "n"))
        place = np.argsort(key, kind="stable")
        return Counts(key[place], n[place])

    return Collected(
        cells, joined("buckets"), joined("unusable"), joined("repeated"), joined("disordered"), np.zeros(0, np.int64)
    )


def _seconds(day: date) -> int:
    return int((moment(day) - _EPOCH).total_seconds())
