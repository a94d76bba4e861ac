"""Samples in any order become counts by hour and by bucket of the day, batch by batch, with numpy.

SQL can do the same in two GROUP BYs; in batches it costs half of the CPU, because samples that come in order of series
and time, as most files have them, need no hash table at all. The portable expression is in `portable.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .buckets import EDGE, LAST_BUCKET, PER_LOG

Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

HOUR_S = 3_600
DAY_S = 86_400
BUCKET_BITS = 11
"""2,048 buckets, of which the last one in use is `LAST_BUCKET`."""
_DAY_BITS = BUCKET_BITS + 31
_SERIES_MASK = (1 << 31) - 1
_MOST_PARTIAL = 3_000_000
"""Rows that wait to be put together; beyond that it happens at once, so that memory stays bounded."""


@dataclass(frozen=True)
class Cells:
    """One row per day, series and hour, in that order.

    Args:
        series: number of the series.
        first_s, last_s: first and last sample, seconds since the first day.
        n: samples that count.
        total: their sum.
        most: the largest.
        most_s: when it was, the first time.
    """

    series: Int32s
    first_s: Int32s
    last_s: Int32s
    n: Int32s
    total: Floats
    most: Floats
    most_s: Int32s


@dataclass(frozen=True)
class Counts:
    """How many samples fell into something, by a packed key in ascending order: see `pack`."""

    key: Ints
    n: Int32s


@dataclass
class Collected:
    """What a collector has made of its samples.

    Args:
        cells: by day, series and hour.
        buckets: by day, series and bucket.
        unusable: samples that are no number, negative or infinite, by day and series.
        repeated: samples at a time that another sample of the series has too, of which the largest counts.
        disordered: samples that stand right after a later one of their series, by day and series.
        overlapping: days of series (`pack`) of which parts overlap in time: to be read once more, each as a whole.
    """

    cells: Cells
    buckets: Counts
    unusable: Counts
    repeated: Counts
    disordered: Counts
    overlapping: Ints


def pack(series: npt.NDArray[np.integer], day: npt.NDArray[np.integer]) -> Ints:
    """One key of day and series, with room for a bucket; days come first, as they do in files that grow day by day."""
    return (day.astype(np.int64) << _DAY_BITS) | (series.astype(np.int64) << BUCKET_BITS)


def unpack(key: Ints) -> tuple[Int32s, Int32s]:
    """Series and day of keys."""
    return ((key >> BUCKET_BITS) & _SERIES_MASK).astype(np.int32), (key >> _DAY_BITS).astype(np.int32)


def _moments(series: Int32s, at_s: Int32s) -> Ints:
    """One key of day, series and second of the day."""
    day = at_s // DAY_S
    return (day.astype(np.int64) << 48) | (series.astype(np.int64) << 17) | (at_s - day * np.int32(DAY_S))


def starts_of(key: npt.NDArray[np.generic]) -> Ints:
    """Where a run of equal keys begins."""
    if not len(key):
        return np.zeros(0, np.int64)
    changes = np.flatnonzero(key[1:] != key[:-1])
    return np.concatenate((np.zeros(1, np.int64), changes + 1))


def summed(keys: list[Ints], counts: list[Int32s]) -> Counts:
    """Counts of equal keys added up."""
    if not keys:
        return Counts(np.zeros(0, np.int64), np.zeros(0, np.int32))
    key, n = np.concatenate(keys), np.concatenate(counts)
    if not len(key):
        return Counts(key, n)
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        key, n = key[order], n[order]
    starts = starts_of(key)
    return Counts(key[starts], np.add.reduceat(n, starts).astype(np.int32))


@dataclass
class CellCollector:
    """Takes samples of many series, in batches.

    Args:
        first: upper edge of bucket 0 of each series.
    """

    first: Floats
    _cells: list[Cells] = field(default_factory=list)
    _waiting: int = 0
    _keys: dict[str, tuple[list[Ints], list[Int32s]]] = field(
        default_factory=lambda: {name: ([], []) for name in ("buckets", "unusable", "repeated", "disordered")}
    )
    _overlapping: list[Ints] = field(default_factory=list)
    _offset: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._offset = np.log(self.first) * PER_LOG + EDGE

    def add(self, series: Int32s, at_s: Int32s, value: Floats, *, is_scattered: bool = False) -> None:
        """Take a batch.

        Args:
            series: numbers of the series.
            at_s: seconds since the first day, at most 68 years.
            value: what was measured.
            is_scattered: whether samples of one series and hour may lie anywhere in it.
        """
        usable = (value >= 0) & (value < np.inf)
        if not usable.all():
            self._count("unusable", pack(series[~usable], at_s[~usable] // DAY_S))
            series, at_s, value = series[usable], at_s[usable], value[usable]
        if not len(series):
            return
        hour = at_s // HOUR_S
        changes = (series[1:] != series[:-1]) | (hour[1:] != hour[:-1])
        backwards = (at_s[1:] <= at_s[:-1]) & ~changes
        if is_scattered or backwards.any() or 4 * np.count_nonzero(changes) > len(series):
            late = np.flatnonzero((series[1:] == series[:-1]) & (at_s[1:] < at_s[:-1])) + 1
            self._count("disordered", pack(series[late], at_s[late] // DAY_S))
            series, at_s, value = self._in_order(series, at_s, value)
            hour = at_s // HOUR_S
            changes = (series[1:] != series[:-1]) | (hour[1:] != hour[:-1])
        starts = np.concatenate((np.zeros(1, np.int64), np.flatnonzero(changes) + 1))
        self._add_runs(series, at_s, value, starts, hour[starts])

    def _in_order(self, series: Int32s, at_s: Int32s, value: Floats) -> tuple[Int32s, Int32s, Floats]:
        """By series and time, each moment once: of several samples the largest, because a size has to hold it."""
        key = _moments(series, at_s)
        order = np.argsort(key, kind="stable")
        key, series, at_s, value = key[order], series[order], at_s[order], value[order]
        starts = starts_of(key)
        if len(starts) < len(key):
            again = np.ones(len(key), np.bool_)
            again[starts] = False
            self._count("repeated", pack(series[again], at_s[again] // DAY_S))
            series, at_s, value = series[starts], at_s[starts], np.maximum.reduceat(value, starts)
        return series, at_s, value

    def _add_runs(self, series: Int32s, at_s: Int32s, value: Floats, starts: Ints, hour: Int32s) -> None:
        """Samples whose runs of one series and hour begin at `starts`, each in order of time."""
        length = np.diff(np.append(starts, len(series)))
        most = np.maximum.reduceat(value, starts)
        where = np.flatnonzero(value == np.repeat(most, length))
        where = where[np.searchsorted(where, starts)]
        self._cells.append(
            Cells(
                series[starts],
                at_s[starts],
                at_s[starts + length - 1],
                length.astype(np.int32),
                np.add.reduceat(value, starts),
                most,
                at_s[where],
            )
        )
        self._add_buckets(value, series[starts], hour // 24, length)
        self._waiting += len(starts)
        if self._waiting > _MOST_PARTIAL:
            self._put_together()

    def _add_buckets(self, value: Floats, series: Int32s, day: Int32s, length: Ints) -> None:
        place = np.maximum(value, 1e-300)
        np.log(place, out=place)
        place *= PER_LOG
        offset = self._offset[series]
        place -= offset[0] if (offset == offset[0]).all() else np.repeat(offset, length)
        np.ceil(place, out=place)
        np.clip(place, 0, LAST_BUCKET, out=place)
        bucket = place.astype(np.int64)
        run_key = pack(series, day)
        first_run = starts_of(run_key)
        sizes = np.add.reduceat(length, first_run)
        begin = np.cumsum(sizes) - sizes
        low = np.minimum.reduceat(bucket, begin)
        width = int((np.maximum.reduceat(bucket, begin) - low).max()) + 1
        # Each day of a series gets as many places as the widest needs.
        index = np.repeat(np.arange(len(low)) * width - low, sizes)
        index += bucket
        if len(low) * width <= 4 * len(value) + 65_536:
            dense = np.bincount(index, minlength=len(low) * width)
            found = np.flatnonzero(dense)
            n = dense[found].astype(np.int32)
        else:
            index.sort()
            starts = starts_of(index)
            found, n = index[starts], np.diff(np.append(starts, len(index))).astype(np.int32)
        group = found // width
        self._keep("buckets", run_key[first_run][group] | (found - group * width + low[group]), n)

    def _count(self, name: str, key: Ints) -> None:
        key = np.sort(key)
        starts = starts_of(key)
        self._keep(name, key[starts], np.diff(np.append(starts, len(key))).astype(np.int32))

    def _keep(self, name: str, key: Ints, n: Int32s) -> None:
        keys, counts = self._keys[name]
        keys.append(key)
        counts.append(n)

    def _put_together(self) -> None:
        cells, overlapping = united_cells(self._cells)
        self._cells, self._waiting = [cells], 0
        self._overlapping.append(overlapping)
        for name, (keys, counts) in self._keys.items():
            found = summed(keys, counts)
            self._keys[name] = ([found.key], [found.n])

    def collected(self) -> Collected:
        """Everything so far."""
        self._put_together()
        found = {name: Counts(keys[0], counts[0]) for name, (keys, counts) in self._keys.items()}
        overlapping = np.unique(np.concatenate(self._overlapping))
        return Collected(cells=self._cells[0], overlapping=overlapping, **found)


def united_cells(parts: list[Cells]) -> tuple[Cells, Ints]:
    """Cells of the same series and hour made one.

    Returns:
        The cells in order, and the packed series and days of which parts overlap in time.
    """
    names = ("series", "first_s", "last_s", "n", "total", "most", "most_s")
    if not parts:
        none, no_value = np.zeros(0, np.int32), np.zeros(0)
        return Cells(none, none, none, none, no_value, no_value, none), np.zeros(0, np.int64)
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    key = _moments(columns["series"], columns["first_s"])
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        columns = {name: column[order] for name, column in columns.items()}
    series, first_s, last_s = columns["series"], columns["first_s"], columns["last_s"]
    same = (series[1:] == series[:-1]) & (first_s[1:] // HOUR_S == first_s[:-1] // HOUR_S)
    if not same.any():
        return Cells(**columns), np.zeros(0, np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), np.flatnonzero(~same) + 1))
    length = np.diff(np.append(starts, len(series)))
    crossed = np.flatnonzero(same & (first_s[1:] <= last_s[:-1]))
    whole = {name: column[starts] for name, column in columns.items()}
    # Few runs are cut by the end of a batch; to add up those alone is a fraction of adding up all.
    cut = np.flatnonzero(length > 1)
    begin = np.cumsum(length[cut]) - length[cut]
    inside = np.arange(length[cut].sum()) + np.repeat(starts[cut] - begin, length[cut])
    pieces = {name: column[inside] for name, column in columns.items()}
    most = np.maximum.reduceat(pieces["most"], begin)
    where = np.flatnonzero(pieces["most"] == np.repeat(most, length[cut]))
    where = where[np.searchsorted(where, begin)]
    whole["last_s"][cut] = np.maximum.reduceat(pieces["last_s"], begin)
    whole["n"][cut] = np.add.reduceat(pieces["n"], begin)
    whole["total"][cut] = np.add.reduceat(pieces["total"], begin)
    whole["most"][cut], whole["most_s"][cut] = most, pieces["most_s"][where]
    return Cells(**whole), np.unique(pack(series[crossed], first_s[crossed] // DAY_S))
