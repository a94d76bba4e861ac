"""Many series side by side, as flat arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

_BLOCK_SAMPLES = 500_000
"""Of so many samples at once rates are computed: what that takes beside them stays below 40 MB."""


@dataclass(frozen=True)
class SeriesKey:
    """What tells a series from others."""

    entity: str
    metric: str
    kind: str
    unit: str | None
    labels: tuple[tuple[str, str], ...]

    @property
    def label_text(self) -> str:
        """`a=1,b=2`, sorted by name."""
        return ",".join(f"{name}={value}" for name, value in self.labels)


@dataclass(frozen=True)
class SeriesSet:
    """`keys[i]` owns the samples `bounds[i]:bounds[i+1]`, sorted by time.

    Args:
        keys: length n.
        bounds: length n + 1, from 0 to the number of samples.
        times_us: microseconds since the epoch.
        values: as recorded; counters are totals.
    """

    keys: tuple[SeriesKey, ...]
    bounds: npt.NDArray[np.int64]
    times_us: Times
    values: Floats

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[tuple[SeriesKey, Times, Floats]]:
        for place, key in enumerate(self.keys):
            part = slice(int(self.bounds[place]), int(self.bounds[place + 1]))
            yield key, self.times_us[part], self.values[part]


Part = tuple[SeriesKey, Times, Floats]
"""One series: its key, and its samples in order of time."""


def joined(parts: Iterable[Part]) -> SeriesSet:
    """Series one after the other, sorted by what tells them apart."""
    ordered = sorted(parts, key=lambda part: (part[0].entity, part[0].metric, part[0].labels))
    bounds = np.concatenate([[0], np.cumsum([len(times) for _, times, _ in ordered])]).astype(np.int64)
    return SeriesSet(
        tuple(key for key, _, _ in ordered),
        bounds,
        np.concatenate([times for _, times, _ in ordered]) if ordered else np.zeros(0, np.int64),
        np.concatenate([values for _, _, values in ordered]) if ordered else np.zeros(0),
    )


def as_rate(times_us: Times, totals: Floats) -> tuple[Times, Floats]:
    """Per-second increase of a counter between neighbouring samples; a fall is a restart from zero.

    Returns:
        Times of the later sample of each pair, and rates; one shorter than the input.
    """
    if len(totals) < 2:
        return times_us[:0], totals[:0]
    elapsed_s = np.diff(times_us) / 1e6
    increase = np.diff(totals)
    increase = np.where(increase < 0, totals[1:], increase)
    usable = elapsed_s > 0
    return times_us[1:][usable], increase[usable] / elapsed_s[usable]


def as_rates(found: SeriesSet) -> SeriesSet:
    """The same series with every counter as its per-second increase; samples that are not finite are left out.

    A rate stands at the later sample of its pair, so a counter has one sample less.
    """
    counters = np.array([key.kind == "counter" for key in found.keys], np.bool_)
    if not counters.any() and np.isfinite(found.values).all():
        return found
    times_us, values = np.empty_like(found.times_us), np.empty_like(found.values)
    sizes, filled = np.zeros(len(found), np.int64), 0
    for first, last in _blocks(found.bounds):
        part = slice(int(found.bounds[first]), int(found.bounds[last]))
        owner = np.repeat(np.arange(first, last), np.diff(found.bounds[first : last + 1]))
        owner, times, rates = _rates(owner, found.times_us[part], found.values[part], counters)
        times_us[filled : filled + len(times)], values[filled : filled + len(times)] = times, rates
        sizes[first:last] = np.bincount(owner - first, minlength=last - first)
        filled += len(times)
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return SeriesSet(found.keys, bounds, times_us[:filled], values[:filled])


def _blocks(bounds: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Neighbouring series with not too many samples together: the first, and the one after the last."""
    first = 0
    while first < len(bounds) - 1:
        last = int(np.searchsorted(bounds, bounds[first] + _BLOCK_SAMPLES, side="right")) - 1
        last = max(last, first + 1)
        yield first, last
        first = last


def _rates(
    owner: npt.NDArray[np.int64], times_us: Times, values: Floats, counters: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], Times, Floats]:
    kept = np.isfinite(values)
    owner, times_us, values = owner[kept], times_us[kept], values[kept]
    is_counter = counters[owner]
    elapsed_s, increase = np.diff(times_us, prepend=0) / 1e6, np.diff(values, prepend=0.0)
    has_earlier = np.diff(owner, prepend=-1) == 0
    increase = np.where(increase < 0, values, increase)
    rates = np.divide(increase, elapsed_s, out=np.zeros_like(values), where=elapsed_s > 0)
    used = ~is_counter | (has_earlier & (elapsed_s > 0))
    return owner[used], times_us[used], np.where(is_counter, rates, values)[used]
