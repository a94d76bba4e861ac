"""Build a history from any relation of DuckDB: streamed, a few days at a time, so that memory stays bounded."""

from __future__ import annotations

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

if TYPE_CHECKING:
    import duckdb

_EPOCH = datetime.fromtimestamp(0, UTC)
_BATCH = 131_072
_CELLS_AT_ONCE = 3_000_000
_ROWS_AT_ONCE = 4_000_000
_MOST_SERIES = 200_000
_MOST_DAYS = 20_000
_SHOWN_RESOURCES = 20


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
    series = _numbered(cursor, relation)
    step = min(max(1, cells // max(1, 24 * len(series.names))), _MOST_DAYS)
    parts, seen = [], 0
    begin = first
    while begin <= last:
        end = begin + timedelta(days=min(step - 1, (last - begin).days))
        found = _collected(cursor, relation, begin, end, series)
        seen += int(found.cells.n.sum()) + sum(int(part.n.sum()) for part in (found.unusable, found.repeated))
        parts.append(finished(found, series, begin))
        begin = end + timedelta(days=1)
    return Built(united(parts), left_out(cursor, relation, first, last, seen))


def _numbered(cursor: duckdb.DuckDBPyConnection, relation: str) -> Series:
    # By the hash alone: to tell pairs of texts apart costs half as much again, and samples are told apart by it anyway.
    found = cursor.execute(
        "SELECT any_value(workload), any_value(resource), key"  # noqa: S608 - names of ours
        f" FROM (SELECT workload, resource, hash(workload, resource) AS key FROM {relation}"
        " WHERE workload IS NOT NULL AND resource IS NOT NULL) GROUP BY key"
    ).fetchall()
    place_of = {name: place for place, name in enumerate(USAGE_RESOURCES)}
    known = sorted((name, place_of[resource], key) for name, resource, key in found if resource in place_of)
    if len(known) > _MOST_SERIES:
        raise InputError(
            f"usage has more than {_MOST_SERIES} series", remedy="split the fleet, by team or by cluster for example"
        )
    hashes = np.array([key for _, _, key in known], np.uint64)
    order = np.argsort(hashes)
    return Series(
        [name for name, _, _ in known],
        np.array([place for _, place, _ in known], np.int64),
        hashes[order],
        order.astype(np.int32),
    )


def left_out(cursor: duckdb.DuckDBPyConnection, relation: str, first: date, last: date, seen: int) -> Source:
    """What was not read, and why; counted only if something is missing."""
    total = int(cursor.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])  # noqa: S608 - a name of ours
    if total == seen:
        return Source(total, {}, 0, 0)
    known = ", ".join(f"'{name}'" for name in USAGE_RESOURCES)
    within = "ts >= $first AND ts < $end"
    bounds = {"first": _moment(first), "end": _moment(last + timedelta(days=1))}
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


def _collected(cursor: duckdb.DuckDBPyConnection, relation: str, first: date, last: date, series: Series) -> Collected:
    collector = CellCollector(FIRST_BY_PLACE[series.resources])
    days = {"first": _moment(first), "end": _moment(last + timedelta(days=1))}
    for batch in cursor.sql(_samples(relation), params=days).to_arrow_reader(_BATCH):
        collector.add(*_columns(batch, _seconds(first), series))
    found = collector.collected()
    return _read_again(cursor, relation, first, found, series) if len(found.overlapping) else found


def _samples(relation: str) -> str:
    return (
        f"SELECT hash(workload, resource) AS series, epoch_us(ts) AS at_us, value FROM {relation}"  # noqa: S608 - names of ours
        " WHERE ts >= $first AND ts < $end"
    )


def _columns(batch: Any, zero: int, series: Series) -> tuple[Int32s, Int32s, Floats]:
    """Numbers of series, seconds since the first day (`zero`, since the epoch) and values; known series only."""
    hashes, at_us, value = (np.asarray(batch.column(place)) for place in range(3))
    starts = starts_of(hashes)
    numbers = np.repeat(series.numbers(hashes[starts]), np.diff(np.append(starts, len(hashes))))
    at_s = (at_us // 1_000_000 - zero).astype(np.int32)
    if len(numbers) and numbers.min() < 0:
        known = numbers >= 0
        return numbers[known], at_s[known], value[known]
    return numbers, at_s, value


def _read_again(
    cursor: duckdb.DuckDBPyConnection, relation: str, first: date, found: Collected, series: Series
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
        bounds = {"first": _moment(first + timedelta(days=low)), "end": _moment(first + timedelta(days=high + 1))}
        kept: list[tuple[Int32s, Int32s, Floats]] = []
        for batch in cursor.sql(_samples(relation), params=bounds).to_arrow_reader(_BATCH):
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


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _seconds(day: date) -> int:
    return int((_moment(day) - _EPOCH).total_seconds())
