"""Series of different lengths side by side in one array, so that thousands are computed at once.

What is missing is NaN. Rows are put together by size first, so that little is padded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .series import Floats, SeriesSet, Times

Places = npt.NDArray[np.int64]

_CELL_LIMIT = 1_000_000
"""Cells of one array: 8 MB, of which a dozen are needed side by side."""


@dataclass(frozen=True)
class Sides:
    """Places of the samples of n series in the flat arrays; each is (n,).

    Args:
        first: the first quiet sample.
        quiet_end: after the last.
        near: the first sample around the start: what lies between `quiet_end` and the window belongs to neither.
        start: the first sample of the window.
        end: after its last.
    """

    first: Places
    quiet_end: Places
    near: Places
    start: Places
    end: Places

    def of(self, rows: Places) -> Sides:
        """Those of some series."""
        return Sides(self.first[rows], self.quiet_end[rows], self.near[rows], self.start[rows], self.end[rows])


def places_before(found: SeriesSet, moments_us: int | Floats | Times) -> Places:
    """The place after the last sample of each series that lies before a moment; (n,).

    Args:
        found: n series.
        moments_us: one for all, or (n,).
    """
    low, high = found.bounds[:-1].astype(np.int64), found.bounds[1:].astype(np.int64)
    while np.any(low < high):  # bisection, in all series at once
        middle = (low + high) // 2
        is_open = low < high
        is_before = found.times_us[np.where(is_open, middle, 0)] < moments_us
        low = np.where(is_open & is_before, middle + 1, low)
        high = np.where(is_open & ~is_before, middle, high)
    return low


def batches(first_sizes: Places, second_sizes: Places) -> Iterator[Places]:
    """Rows of about the same sizes, few enough to be laid out side by side.

    Args:
        first_sizes: (n,) lengths of one part of each series, >= 1.
        second_sizes: (n,) lengths of the other.
    """
    steps = np.round(np.log2(np.stack([first_sizes, second_sizes])) * 4).astype(np.int64)
    order = np.lexsort((steps[1], steps[0]))
    if not len(order):
        return
    changed = np.flatnonzero(np.any(np.diff(steps[:, order], axis=1) != 0, axis=0)) + 1
    for group in np.split(order, changed):
        widest = int(first_sizes[group].max() + second_sizes[group].max())
        size = max(_CELL_LIMIT // max(widest, 1), 1)
        for start in range(0, len(group), size):
            yield group[start : start + size]


def laid_out(samples: Floats | Times, first: Places, last: Places, *, right: bool) -> Floats:
    """The samples `first[i]:last[i]` as row i; NaN where a row is shorter than the longest.

    Args:
        samples: flat.
        first: (n,) places of the first sample.
        last: (n,) places after the last.
        right: whether rows end together rather than begin together.
    """
    sizes = last - first
    width = max(int(sizes.max(initial=0)), 1)
    columns = np.arange(width)
    places = (last[:, None] - width + columns) if right else (first[:, None] + columns)
    inside = (places >= first[:, None]) & (places < last[:, None])
    padded: Floats = np.where(inside, samples[np.clip(places, 0, max(len(samples) - 1, 0))], np.nan)
    return padded


def last_of(rows: Floats, start: Places, stop: Places) -> Floats:
    """Of rows that end together the part from the `start`-th last sample to before the `stop`-th last, NaN behind.

    It is the same however long the other rows are.

    Args:
        rows: (n, k).
        start: (n,) from 0 to k.
        stop: (n,) below or equal to `start`.
    """
    columns = np.arange(max(int((start - stop).max(initial=0)), 1))
    places = rows.shape[1] - start[:, None] + columns
    inside = columns < (start - stop)[:, None]
    part: Floats = np.where(inside, np.take_along_axis(rows, np.minimum(places, rows.shape[1] - 1), axis=1), np.nan)
    return part


def quantiles(rows: Floats, shares: tuple[float, ...]) -> tuple[Floats, ...]:
    """Quantiles of each row without its NaN, interpolated; NaN for a row of nothing else.

    Args:
        rows: (n, k).
        shares: each from 0 to 1.

    Returns:
        One (n,) array per share.
    """
    ordered = np.sort(rows, axis=1)  # NaN goes last
    sizes = np.sum(~np.isnan(rows), axis=1)
    place = np.arange(len(rows))
    found = []
    for share in shares:
        at = share * np.maximum(sizes - 1, 0)
        low = np.floor(at).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(sizes - 1, 0))
        below, above = ordered[place, low], ordered[place, high]
        found.append(below + (above - below) * (at - low))
    return tuple(found)


def medians(rows: Floats) -> Floats:
    """The median of each row without its NaN; (n,)."""
    return quantiles(rows, (0.5,))[0]
