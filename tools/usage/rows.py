"""The rows of a history as columns, and how they are taken apart and put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from .cells import Bools, Floats, Int32s, Ints, starts_of

Float32s = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Rows:
    """The columns of a history; `n` rows in order of day, workload and resource.

    Args:
        workload: place in `History.workloads`.
        resource: place in `USAGE_RESOURCES`.
        day: since 1970-01-01, UTC.
        samples: that count: numbers, not negative, each moment once.
        unusable: no number, negative or infinite.
        repeated: at a moment that has another sample; the largest counts.
        disordered: standing right after a later one of their series.
        interval_s: usual time between samples; NaN if the day cannot tell.
        first_s, last_s: first and last sample, seconds of the day.
        most, most_s: the largest value, and the second of the day when it was first reached.
        second: the largest value of the second-busiest hour; NaN with one hour only.
        hour_n, hour_sum, hour_most: of each hour of UTC, (n, 24); zero samples: nothing is known of the hour.
        buckets_at: where the buckets of a row begin in `bucket` and `count`, (n + 1,).
        bucket, count: ascending within a row.
        gaps_at: where the gaps of a row begin, (n + 1,).
        gap_from_s, gap_to_s: last sample before and first after an hour or more, and three intervals, without any.
    """

    workload: Int32s
    resource: npt.NDArray[np.int8]
    day: Int32s
    samples: Int32s
    unusable: Int32s
    repeated: Int32s
    disordered: Int32s
    interval_s: Float32s
    first_s: Int32s
    last_s: Int32s
    most: Floats
    most_s: Int32s
    second: Float32s
    hour_n: npt.NDArray[np.uint16]
    hour_sum: Float32s
    hour_most: Float32s
    buckets_at: Ints
    bucket: npt.NDArray[np.int16]
    count: npt.NDArray[np.int32]
    gaps_at: Ints
    gap_from_s: Int32s
    gap_to_s: Int32s

    def __len__(self) -> int:
        return len(self.workload)

    def taken(self, where: Ints) -> Rows:
        """Some of the rows, in this order."""
        buckets_at, bucket_index = ragged(self.buckets_at, where)
        gaps_at, gap_index = ragged(self.gaps_at, where)
        special: dict[str, Any] = {
            "buckets_at": buckets_at,
            "bucket": self.bucket[bucket_index],
            "count": self.count[bucket_index],
            "gaps_at": gaps_at,
            "gap_from_s": self.gap_from_s[gap_index],
            "gap_to_s": self.gap_to_s[gap_index],
        }
        plain: dict[str, Any] = {
            part.name: getattr(self, part.name)[where] for part in fields(self) if part.name not in special
        }
        return Rows(**plain, **special)


def key_of(rows: Rows) -> Ints:
    """One key of day, workload and resource, in whose order rows stand."""
    return (rows.day.astype(np.int64) << 40) | (rows.workload.astype(np.int64) << 8) | rows.resource


def in_order(rows: Rows) -> Rows:
    """The rows in order of day, workload and resource."""
    key = key_of(rows)
    return rows.taken(np.argsort(key, kind="stable")) if (key[1:] < key[:-1]).any() else rows


def added(rows: Rows, starts: Ints) -> Rows:
    """Rows of the same workload, resource and day, which begin at `starts`, made one."""
    length = np.diff(np.append(starts, len(rows)))
    add, largest = np.add.reduceat, np.maximum.reduceat
    most = largest(rows.most, starts)
    at_most = np.flatnonzero(rows.most == np.repeat(most, length))
    at_most = at_most[np.searchsorted(at_most, starts)]
    heavy = np.flatnonzero(rows.samples == np.repeat(largest(rows.samples, starts), length))
    heavy = heavy[np.searchsorted(heavy, starts)]
    group = np.repeat(np.arange(len(starts)), length)
    entry_group = np.repeat(group, np.diff(rows.buckets_at))
    packed = (entry_group << 16) | rows.bucket
    order = np.argsort(packed, kind="stable")
    entry_starts = starts_of(packed[order])
    entries = packed[order][entry_starts]
    hour_most = largest(rows.hour_most, starts, axis=0)
    empty = np.zeros(len(starts) + 1, np.int64)
    none = np.zeros(0, np.int32)
    return Rows(
        workload=rows.workload[starts],
        resource=rows.resource[starts],
        day=rows.day[starts],
        samples=add(rows.samples, starts),
        unusable=add(rows.unusable, starts),
        repeated=add(rows.repeated, starts),
        disordered=add(rows.disordered, starts),
        interval_s=rows.interval_s[heavy],
        first_s=np.minimum.reduceat(rows.first_s, starts),
        last_s=largest(rows.last_s, starts),
        most=most,
        most_s=rows.most_s[at_most],
        second=second_of(hour_most, add(rows.hour_n, starts, axis=0) > 0),
        hour_n=add(rows.hour_n, starts, axis=0),
        hour_sum=add(rows.hour_sum, starts, axis=0),
        hour_most=hour_most,
        buckets_at=np.searchsorted(entries >> 16, np.arange(len(starts) + 1)),
        bucket=(entries & 0xFFFF).astype(np.int16),
        count=add(rows.count[order], entry_starts) if len(order) else rows.count,
        # Where pieces of a day come together their gaps are filled by each other; what is left shows in `hour_n`.
        gaps_at=empty,
        gap_from_s=none,
        gap_to_s=none,
    )


def second_of(hour_most: Float32s, seen: Bools) -> Float32s:
    """The second-largest of the hours that were seen, (n,); NaN with fewer than two."""
    if not len(hour_most):
        return np.zeros(0, np.float32)
    ordered = np.partition(np.where(seen, hour_most, -np.inf), 22, axis=1)[:, 22]
    return np.where(np.isfinite(ordered), ordered, np.nan).astype(np.float32)


def joined_bounds(parts: Sequence[Ints]) -> Ints:
    """Bounds of entries, one after the other."""
    joined, offset = [np.zeros(1, np.int64)], 0
    for part in parts:
        joined.append(part[1:] + offset)
        offset += int(part[-1])
    return np.concatenate(joined)


def ragged(bounds: Ints, where: Ints) -> tuple[Ints, Ints]:
    """Bounds and indices of the entries of some rows."""
    begin, length = bounds[where], bounds[where + 1] - bounds[where]
    at = np.concatenate((np.zeros(1, np.int64), np.cumsum(length)))
    index = np.arange(at[-1]) + np.repeat(begin - at[:-1], length)
    return at, index
