"""How much a fleet used of one resource, day by day, from samples or from compact history: what sizing rules ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ..usage.history import History

Floats = npt.NDArray[np.float64]
SizedResource = Literal["cpu", "memory"]
"""`cpu` in cores, `memory` in bytes; of one replica."""

DAILY = (0.95, 0.99)
"""Quantiles of each day that rules look at, beside mean and maximum."""
_ENOUGH = 1e-6
"""A size that usage meets up to rounding is not exceeded."""


class Use(Protocol):
    """Usage of one resource by V workloads on D whole days. Windows are `[first, last)`, places of days."""

    resource: SizedResource
    names: tuple[str, ...]

    @property
    def days(self) -> int:
        """D."""
        ...

    @property
    def sizes(self) -> Floats:
        """What was reserved at the end of each day, (V, D); NaN where nobody knows."""
        ...

    @property
    def most(self) -> Floats:
        """The largest value of each day, (V, D); NaN without a sample."""
        ...

    @property
    def coverage(self) -> Floats:
        """Share of each day that was watched, (V, D)."""
        ...

    def quantiles(self, q: Sequence[float], first: int, last: int, fading: float | None = None) -> Floats:
        """Quantiles over the time of a window, (V, len(q)); NaN without a sample.

        Args:
            q: 0 to 1.
            first: of the window.
            last: of the window.
            fading: half-life in days of what a sample counts; all alike unless given.
        """
        ...

    def daily(self, q: float) -> Floats:
        """One quantile of every day, (V, D)."""
        ...

    def share_above(self, limits: Floats, first: int, last: int) -> Floats:
        """Share of the time of a window above a size per workload, (V,); 0 without a sample."""
        ...


@dataclass(frozen=True)
class Next:
    """What the week after a day needed, per workload: the smallest sizes that keep two promises.

    Args:
        hard: CPU: at most 5 % of the time is above; memory: no moment is.
        soft: at most 1 % of the time is above.
        peak: the largest value.
    """

    hard: Floats
    soft: Floats
    peak: Floats


HARD_SHARE: dict[SizedResource, float] = {"cpu": 0.05, "memory": 0.0}
"""Share of a week's time above the size from which on the week is bad: throttled often, or killed at all."""
SOFT_SHARE = 0.01


def needs(use: Use, first: int, last: int) -> Next:
    """What a window needed."""
    found = use.quantiles((1 - HARD_SHARE[use.resource], 1 - SOFT_SHARE, 1.0), first, last)
    return Next(found[:, 0], found[:, 1], found[:, 2])


def is_above(need: Floats, size: Floats) -> npt.NDArray[np.bool_]:
    """Whether a need exceeds a size."""
    return np.asarray(need > size * (1 + _ENOUGH), np.bool_)


class SampledUse:
    """Every sample, for figures without rounding.

    Args:
        resource: which.
        names: of the workloads, (V,).
        values: (V, D, W) in order of time; NaN fills up what a day lacks. Of a value above what was reserved
            at that moment only that much counts.
        sizes: (V, D).
        per_day: samples of a whole day.
    """

    def __init__(
        self,
        resource: SizedResource,
        names: tuple[str, ...],
        values: npt.NDArray[np.float32],
        sizes: Floats,
        per_day: float,
    ) -> None:
        self.resource: SizedResource = resource
        self.names = names
        self._values = values
        self._sorted = np.sort(values, axis=2)  # NaN comes last
        self._counts = np.isfinite(values).sum(axis=2)
        self._sizes = sizes
        self._per_day = per_day
        self._daily: dict[float, Floats] = {}

    @property
    def days(self) -> int:
        """D."""
        return int(self._sorted.shape[1])

    @property
    def sizes(self) -> Floats:
        """(V, D)."""
        return self._sizes

    @property
    def most(self) -> Floats:
        """(V, D)."""
        return self.daily(1.0)

    @property
    def coverage(self) -> Floats:
        """(V, D)."""
        return np.asarray(np.minimum(self._counts / self._per_day, 1.0), np.float64)

    def quantiles(self, q: Sequence[float], first: int, last: int, fading: float | None = None) -> Floats:
        """(V, len(q)): the smallest sample that at most 1 - q of the time is above."""
        if fading is not None:
            return self._faded(q, first, last, fading)
        window = self._window(first, last)
        ordered, n = np.sort(window, axis=1), np.isfinite(window).sum(axis=1)
        return np.stack([_order_statistic(ordered, n, one) for one in q], axis=1)

    def _faded(self, q: Sequence[float], first: int, last: int, half_life: float) -> Floats:
        window = self._values[:, max(first, 0) : last].reshape(len(self.names), -1)
        age = (window.shape[1] - 0.5 - np.arange(window.shape[1])) / self._values.shape[2]
        order = np.argsort(window, axis=1)
        ordered = np.take_along_axis(window, order, axis=1)
        weight = np.where(np.isfinite(ordered), np.exp2(-age / half_life)[order], 0.0)
        upto = np.cumsum(weight, axis=1)
        n = np.isfinite(window).sum(axis=1)
        out = np.full((len(window), len(q)), np.nan)
        levels = np.asarray(q) * (1 - 1e-9)
        for row in np.flatnonzero(n > 0).tolist():
            place = np.searchsorted(upto[row, : n[row]], levels * upto[row, n[row] - 1])
            out[row] = ordered[row, np.minimum(place, n[row] - 1)]
        return out

    def daily(self, q: float) -> Floats:
        """(V, D)."""
        if q not in self._daily:
            flat = self._sorted.reshape(-1, self._sorted.shape[2])
            self._daily[q] = _order_statistic(flat, self._counts.reshape(-1), q).reshape(self._counts.shape)
        return self._daily[q]

    def share_above(self, limits: Floats, first: int, last: int) -> Floats:
        """(V,)."""
        window = self._window(first, last)
        above = (window > (limits * (1 + _ENOUGH))[:, None]).sum(axis=1)
        return np.asarray(above / np.maximum(np.isfinite(window).sum(axis=1), 1), np.float64)

    def _window(self, first: int, last: int) -> npt.NDArray[np.float32]:
        return self._sorted[:, max(first, 0) : last].reshape(len(self.names), -1)


def _order_statistic(ordered: npt.NDArray[np.float32], n: npt.NDArray[np.int64], q: float) -> Floats:
    place = np.clip(np.ceil(q * n - 1e-9).astype(np.int64) - 1, 0, np.maximum(n - 1, 0))
    return np.asarray(ordered[np.arange(len(ordered)), place].astype(np.float64), np.float64)


class HistoryUse:
    """Compact history: quantiles within 5 % (buckets), daily maxima exact.

    Args:
        history: of the fleet.
        resource: which.
        sizes: what was reserved at the end of each day, (names of the resource, days of the history).
    """

    def __init__(self, history: History, resource: SizedResource, sizes: Floats) -> None:
        self.resource: SizedResource = resource
        self.names = history.names(resource)
        self._history = history
        self._sizes = sizes
        most = history.daily_most(resource)
        # What was not measured stays so; of usage above what was reserved only that much counts.
        self._most = np.where(np.isfinite(most), np.fmin(most, sizes), np.nan)
        self._coverage = history.coverage(resource)
        self._daily: dict[float, Floats] = {}

    @property
    def days(self) -> int:
        """D."""
        return len(self._history.days)

    @property
    def sizes(self) -> Floats:
        """(V, D)."""
        return self._sizes

    @property
    def most(self) -> Floats:
        """(V, D)."""
        return self._most

    @property
    def coverage(self) -> Floats:
        """(V, D)."""
        return self._coverage

    def quantiles(self, q: Sequence[float], first: int, last: int, fading: float | None = None) -> Floats:
        """(V, len(q))."""
        weights = self._weights(first, last)
        if fading is not None:
            weights *= np.exp2(-(last - 0.5 - np.arange(self.days)) / fading)
        found = self._history.quantiles(self.resource, q, weights)
        with np.errstate(invalid="ignore"):
            most = np.fmax.reduce(self._most[:, max(first, 0) : last], axis=1, initial=-np.inf)
        return np.fmin(found, np.where(np.isfinite(most), most, np.nan)[:, None])

    def daily(self, q: float) -> Floats:
        """(V, D)."""
        if q not in self._daily:
            self._daily[q] = np.fmin(self._history.daily_quantiles(self.resource, q), self._most)
        return self._daily[q]

    def share_above(self, limits: Floats, first: int, last: int) -> Floats:
        """(V,)."""
        with np.errstate(invalid="ignore"):
            most = np.fmax.reduce(self._most[:, max(first, 0) : last], axis=1, initial=-np.inf)
        found = np.nan_to_num(self._history.share_above(self.resource, limits, self._weights(first, last)))
        return np.where(is_above(most, limits), found, 0.0)

    def _weights(self, first: int, last: int) -> Floats:
        day = np.arange(self.days)
        return ((day >= first) & (day < last)).astype(np.float64)
