"""The compact history of usage: a row per workload, resource and day, from which any window is a merge.

A row holds how many samples fell into each logarithmic bucket of the day, the largest value and when it was, and sum,
maximum and number of samples of each hour. That is some hundred bytes a day, answers every question of the analyses,
and adds up: over days, over pieces read at different times, and weighted by age.

Hours are hours of UTC; `hours` gives them in order, so that a zone of whole hours is a shift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core.errors import InputError
from ..fleets.schema import USAGE_RESOURCES, UsageResource
from .buckets import FIRST, GROWTH, places_of
from .cells import DAY_S, Floats, Ints, starts_of
from .matrix import Matrix
from .rows import Float32s, Rows, added, in_order, joined_bounds, key_of, ragged

_EPOCH = date(1970, 1, 1)
_CELLS_AT_ONCE = 4_000_000


class History:
    """How workloads were used, day by day.

    Args:
        workloads: their names, sorted.
        rows: in order of day, workload and resource, each once.
    """

    def __init__(self, workloads: tuple[str, ...], rows: Rows) -> None:
        self.workloads = workloads
        self.rows = rows

    @cached_property
    def days(self) -> npt.NDArray[np.datetime64]:
        """Every day from the first to the last one that is known of, whether or not all of it is there."""
        if not len(self.rows):
            return np.zeros(0, "datetime64[D]")
        first, last = int(self.rows.day.min()), int(self.rows.day.max())
        return np.arange(first, last + 1).astype("datetime64[D]")

    def names(self, resource: UsageResource) -> tuple[str, ...]:
        """The workloads of which this was measured, sorted; the rows of all matrices below."""
        return tuple(self.workloads[place] for place in self._of(resource).present.tolist())

    def between(self, first: date, last: date) -> History:
        """The days from `first` to `last`, both included."""
        day = self.rows.day
        kept = (day >= (first - _EPOCH).days) & (day <= (last - _EPOCH).days)
        return self if kept.all() else History(self.workloads, self.rows.taken(np.flatnonzero(kept)))

    def only(self, workloads: Sequence[str]) -> History:
        """The rows of some workloads; unknown names are left out."""
        wanted = set(workloads)
        known = np.array([name in wanted for name in self.workloads], np.bool_)
        return History(self.workloads, self.rows.taken(np.flatnonzero(known[self.rows.workload])))

    def daily_most(self, resource: UsageResource) -> Floats:
        """The largest value of each day, (workloads, days); NaN where nothing was measured."""
        return self._of(resource).matrix(self.rows.most)

    def daily_second(self, resource: UsageResource) -> Floats:
        """The largest value of the second-busiest hour of each day, (workloads, days); NaN where there is none."""
        return self._of(resource).matrix(self.rows.second)

    def daily_mean(self, resource: UsageResource) -> Floats:
        """The mean of each day, (workloads, days); NaN where nothing was measured."""
        total = self.rows.hour_sum.sum(axis=1, dtype=np.float64)
        return self._of(resource).matrix(total / np.maximum(self.rows.samples, 1))

    def samples(self, resource: UsageResource) -> Floats:
        """Samples that count, (workloads, days); 0 where nothing was measured."""
        return np.nan_to_num(self._of(resource).matrix(self.rows.samples))

    def interval_s(self, resource: UsageResource) -> Floats:
        """Usual seconds between samples, (workloads, days); where a day cannot tell, the median of those that can."""
        return self._of(resource).intervals

    def coverage(self, resource: UsageResource) -> Floats:
        """Share of each day that was watched, 0 to 1, (workloads, days).

        Samples times their usual interval: an hour without any counts as not watched, however often the rest was.
        """
        seen = self.samples(resource) * np.nan_to_num(self.interval_s(resource)) / DAY_S
        # The sample of midnight belongs to one day only, and intervals are estimates: a day is never more than whole.
        return np.minimum(seen, 1.0)

    def hours(self, resource: UsageResource) -> tuple[Float32s, Float32s]:
        """Largest value and mean of each hour of UTC, (workloads, days × 24); NaN where nothing was measured."""
        matrix = self._of(resource)
        shape = (len(matrix.present), len(self.days), 24)
        most, mean = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
        n = self.rows.hour_n[matrix.where]
        seen = n > 0
        most[matrix.row, matrix.column] = np.where(seen, self.rows.hour_most[matrix.where], np.nan)
        mean[matrix.row, matrix.column] = np.where(seen, self.rows.hour_sum[matrix.where] / np.maximum(n, 1), np.nan)
        return most.reshape(shape[0], -1), mean.reshape(shape[0], -1)

    def quantiles(
        self, resource: UsageResource, q: Sequence[float], weights: npt.NDArray[np.floating] | None = None
    ) -> Floats:
        """Quantiles over time, (workloads, len(q)); NaN where nothing is left to look at.

        Within 5 % of the exact ones, the width of a bucket, and never above the largest value. A sample weighs the time
        it stands for, so that days measured more densely do not weigh more.

        Args:
            resource: which.
            q: 0 to 1; 1 is the largest value itself.
            weights: of the days, (days,) or (workloads, days): 0 leaves a day out, less than 1 lets it fade. All alike
                unless given.
        """
        matrix = self._of(resource)
        weight = matrix.weights(weights)
        found = np.full((len(matrix.present), len(q)), np.nan)
        limit = matrix.largest(self.rows.most, weight)
        span = 1 + int(self.rows.bucket.max(initial=0))
        size = max(1, _CELLS_AT_ONCE // span)
        for low in range(0, len(matrix.present), size):
            high = min(low + size, len(matrix.present))
            first, last = np.searchsorted(matrix.row, [low, high])
            grid = self._grid(
                matrix.where[first:last], matrix.row[first:last] - low, weight[first:last], high - low, span
            )
            found[low:high] = _quantiles(grid, q, FIRST[resource])
        found[:, np.asarray(q) >= 1.0] = limit[:, None]
        return np.asarray(np.fmin(found, limit[:, None]))

    def _grid(self, where: Ints, row: Ints, weight: Floats, rows: int, span: int) -> Floats:
        """Weight by workload and bucket, (rows, span)."""
        at, index = ragged(self.rows.buckets_at, where)
        length = np.diff(at)
        place = np.repeat(row * span, length) + self.rows.bucket[index]
        heavy = np.repeat(weight, length) * self.rows.count[index]
        return np.asarray(np.bincount(place, heavy, minlength=rows * span), np.float64).reshape(rows, span)

    def daily_quantiles(self, resource: UsageResource, q: float) -> Floats:
        """One quantile of each day, (workloads, days); NaN where nothing was measured."""
        matrix = self._of(resource)
        at, index = ragged(self.rows.buckets_at, matrix.where)
        out = np.full((len(matrix.present), len(self.days)), np.nan)
        if not len(index):
            return out
        count, bucket = self.rows.count[index], self.rows.bucket[index].astype(np.float64)
        upto = np.concatenate((np.zeros(1), np.cumsum(count, dtype=np.float64)))
        begin, end = upto[at[:-1]], upto[at[1:]]
        target = begin + q * (end - begin)
        place = np.clip(np.searchsorted(upto, target - 1e-9, side="left") - 1, at[:-1], np.maximum(at[1:] - 1, 0))
        share = np.clip((target - upto[place]) / count[place], 0.0, 1.0)
        value = np.minimum(_within(bucket[place], share, FIRST[resource]), self.rows.most[matrix.where])
        out[matrix.row, matrix.column] = value
        return out

    def share_above(
        self, resource: UsageResource, limits: Floats, weights: npt.NDArray[np.floating] | None = None
    ) -> Floats:
        """Share of the time that usage was above a limit, (workloads,); NaN where nothing is left to look at.

        Exactly 0 at or above the largest value; elsewhere the bucket that the limit lies in counts in part.

        Args:
            resource: which.
            limits: of each workload, (workloads,).
            weights: of the days, as for `quantiles`.
        """
        matrix = self._of(resource)
        weight = matrix.weights(weights)
        at, index = ragged(self.rows.buckets_at, matrix.where)
        length = np.diff(at)
        limit_at = places_of(resource, np.maximum(limits, 0.0))
        above = np.clip(self.rows.bucket[index] - np.repeat(limit_at[matrix.row], length), 0.0, 1.0)
        heavy = np.repeat(weight, length) * self.rows.count[index]
        row = np.repeat(matrix.row, length)
        total = np.bincount(row, heavy, minlength=len(matrix.present))
        over = np.bincount(row, heavy * above, minlength=len(matrix.present))
        over[limits >= np.nan_to_num(matrix.largest(self.rows.most, weight), nan=-np.inf)] = 0.0
        return np.where(total > 0, over / np.where(total > 0, total, 1.0), np.nan)

    def merge(self, other: History) -> History:
        """Both together; rows of the same workload, resource and day add up.

        What is merged must be of different samples: the same ones count twice.
        """
        return united((self, other))

    def _of(self, resource: UsageResource) -> Matrix:
        found = self._matrices.get(resource)
        if found is None:
            found = self._matrices[resource] = Matrix(self.rows, USAGE_RESOURCES.index(resource), len(self.days))
        return found

    @cached_property
    def _matrices(self) -> dict[str, Matrix]:
        return {}


def united(parts: Sequence[History]) -> History:
    """Several histories as one; rows of the same workload, resource and day add up.

    Raises:
        InputError: there are none.
    """
    if not parts:
        raise InputError("there is no history to put together", remedy="build one from a fleet first")
    if len(parts) == 1:
        return parts[0]
    names = tuple(sorted(set().union(*(part.workloads for part in parts))))
    place_of = {name: place for place, name in enumerate(names)}
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for part in fields(Rows):
        pieces: list[Any] = [getattr(history.rows, part.name) for history in parts]
        if part.name == "workload":
            renamed = [np.array([place_of[name] for name in history.workloads], np.int32) for history in parts]
            pieces = [new[old] if len(old) else old for new, old in zip(renamed, pieces, strict=True)]
        if part.name in ("buckets_at", "gaps_at"):
            columns[part.name] = joined_bounds(pieces)
        else:
            columns[part.name] = np.concatenate(pieces)
    rows = in_order(Rows(**columns))  # type: ignore[arg-type]
    starts = starts_of(key_of(rows))
    return History(names, rows if len(starts) == len(rows) else added(rows, starts))


def _quantiles(grid: Floats, q: Sequence[float], first: float) -> Floats:
    upto = np.cumsum(grid, axis=1)
    total = upto[:, -1]
    out = np.full((len(grid), len(q)), np.nan)
    some = np.flatnonzero(total > 0)
    for column, wanted in enumerate(q):
        target = np.clip(wanted, 0.0, 1.0) * total[some]
        # Sums of weights are not exact: a target that is reached up to rounding is reached.
        place = np.minimum((upto[some] < (target - 1e-9 * total[some])[:, None]).sum(axis=1), grid.shape[1] - 1)
        held = grid[some, place]
        share = np.clip((target - (upto[some, place] - held)) / np.where(held > 0, held, 1.0), 0.0, 1.0)
        out[some, column] = _within(place.astype(np.float64), share, first)
    return out


def _within(bucket: Floats, share: Floats, first: float) -> Floats:
    """The value at a share of a bucket: geometric, and straight in bucket 0."""
    return np.where(bucket > 0, first * np.power(GROWTH, bucket - 1 + share), first * share)


def as_day(day: int) -> date:
    """The date of a day of a history's row."""
    return _EPOCH + timedelta(days=day)
