"""A history out of what was collected by hour and by bucket."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from .cells import BUCKET_BITS, DAY_S, HOUR_S, Cells, Collected, Counts, Floats, Int32s, Ints, pack, starts_of, unpack
from .history import History
from .rows import Rows, in_order, second_of

_EPOCH = date(1970, 1, 1)
_SHORTEST_GAP_S = HOUR_S
_GAP_INTERVALS = 3


@dataclass(frozen=True)
class Series:
    """The series of a relation.

    Args:
        names: of the workloads.
        resources: places in `USAGE_RESOURCES`.
        hashes: empty, or what DuckDB makes of workload and resource, ascending; probing a table of 10,000 names for
            50 M rows costs as much as all the rest of a scan.
        order: the number of the series of each hash.
    """

    names: list[str]
    resources: Ints
    hashes: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    order: Int32s = field(default_factory=lambda: np.zeros(0, np.int32))

    def numbers(self, hashes: npt.NDArray[np.uint64]) -> Int32s:
        """Numbers of series; -1 for what is none."""
        if not len(self.hashes):
            return np.full(len(hashes), -1, np.int32)
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[place] == hashes, self.order[place], np.int32(-1))


def finished(found: Collected, series: Series, first: date) -> History:
    """The history of what was collected since `first`."""
    cells = found.cells
    workloads = tuple(sorted(set(series.names)))
    place_of = {name: place for place, name in enumerate(workloads)}
    workload_of = np.array([place_of[name] for name in series.names], np.int32)
    # A day on which nothing was usable is known of all the same.
    row_keys = np.union1d(pack(cells.series, cells.first_s // DAY_S), found.unusable.key)
    number, day = unpack(row_keys)
    row = np.searchsorted(row_keys, pack(cells.series, cells.first_s // DAY_S))
    hour = (cells.first_s % DAY_S) // HOUR_S
    shape = (len(row_keys), 24)
    hour_n, hour_sum, hour_most = np.zeros(shape, np.uint16), np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    hour_n[row, hour], hour_sum[row, hour], hour_most[row, hour] = cells.n, cells.total, cells.most
    most, most_s = _most(cells, row, len(row_keys))
    first_s, last_s = _ends(cells, row, len(row_keys))
    interval = _intervals(cells, row, len(row_keys))
    gap_row, gap_from, gap_to = _gaps(cells, row, interval)
    bucket_key = found.buckets.key
    return History(
        workloads,
        in_order(
            Rows(
                workload=workload_of[number] if len(number) else number,
                resource=series.resources[number].astype(np.int8),
                day=(day + (first - _EPOCH).days).astype(np.int32),
                samples=np.bincount(row, cells.n, minlength=len(row_keys)).astype(np.int32),
                unusable=_by_row(found.unusable, row_keys),
                repeated=_by_row(found.repeated, row_keys),
                disordered=_by_row(found.disordered, row_keys),
                interval_s=interval,
                first_s=first_s,
                last_s=last_s,
                most=most,
                most_s=most_s,
                second=second_of(hour_most, hour_n > 0),
                hour_n=hour_n,
                hour_sum=hour_sum,
                hour_most=hour_most,
                buckets_at=np.searchsorted(bucket_key, np.append(row_keys, np.iinfo(np.int64).max)),
                bucket=(bucket_key & ((1 << BUCKET_BITS) - 1)).astype(np.int16),
                count=found.buckets.n,
                gaps_at=np.searchsorted(gap_row, np.arange(len(row_keys) + 1)),
                gap_from_s=gap_from,
                gap_to_s=gap_to,
            )
        ),
    )


def _by_row(counts: Counts, row_keys: Ints) -> Int32s:
    out = np.zeros(len(row_keys), np.int32)
    place = np.searchsorted(row_keys, counts.key)
    inside = place < len(row_keys)
    place, n, key = place[inside], counts.n[inside], counts.key[inside]
    there = row_keys[place] == key
    out[place[there]] = n[there]
    return out


def _most(cells: Cells, row: Ints, rows: int) -> tuple[Floats, Int32s]:
    most, most_s = np.full(rows, np.nan), np.zeros(rows, np.int32)
    starts = starts_of(row)
    if not len(starts):
        return most, most_s
    top = np.maximum.reduceat(cells.most, starts)
    where = np.flatnonzero(cells.most == np.repeat(top, np.diff(np.append(starts, len(row)))))
    where = where[np.searchsorted(where, starts)]
    most[row[starts]], most_s[row[starts]] = top, cells.most_s[where] % DAY_S
    return most, most_s


def _ends(cells: Cells, row: Ints, rows: int) -> tuple[Int32s, Int32s]:
    first_s, last_s = np.zeros(rows, np.int32), np.zeros(rows, np.int32)
    starts = starts_of(row)
    if len(starts):
        first_s[row[starts]] = cells.first_s[starts] % DAY_S
        last_s[row[starts]] = cells.last_s[np.append(starts[1:], len(row)) - 1] % DAY_S
    return first_s, last_s


def _intervals(cells: Cells, row: Ints, rows: int) -> npt.NDArray[np.float32]:
    """Usual seconds between samples: the median over the hours of the mean within each.

    A gap makes one or two hours look sparser than they are and leaves the median alone. Where no hour holds two samples
    it is the median between the samples of neighbouring hours.
    """
    grid = np.full((rows, 24), np.nan, np.float32)
    hour = (cells.first_s % DAY_S) // HOUR_S
    several = cells.n > 1
    grid[row[several], hour[several]] = (cells.last_s - cells.first_s)[several] / (cells.n[several] - 1)
    sparse = np.isfinite(grid).sum(axis=1) == 0
    pair = np.flatnonzero((row[1:] == row[:-1]) & sparse[row[1:]]) if len(row) else np.zeros(0, np.int64)
    grid[row[pair + 1], hour[pair + 1]] = cells.first_s[pair + 1] - cells.first_s[pair]
    known = np.isfinite(grid).sum(axis=1)
    ordered = np.sort(grid, axis=1)  # what is not known comes last
    middle = ordered[np.arange(rows), np.maximum(known - 1, 0) // 2]
    return np.where(known > 0, middle, np.nan).astype(np.float32)


def _gaps(cells: Cells, row: Ints, interval: npt.NDArray[np.float32]) -> tuple[Ints, Int32s, Int32s]:
    """Within a day: from the last sample before to the first one after, an hour or more and three intervals apart."""
    if len(row) < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32)
    between = cells.first_s[1:] - cells.last_s[:-1]
    longest = np.maximum(_SHORTEST_GAP_S, _GAP_INTERVALS * np.nan_to_num(interval[row[1:]]))
    where = np.flatnonzero((row[1:] == row[:-1]) & (between >= longest))
    return (
        row[where],
        (cells.last_s[where] % DAY_S).astype(np.int32),
        (cells.first_s[where + 1] % DAY_S).astype(np.int32),
    )
