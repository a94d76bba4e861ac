"""Where moments and values lie on a drawing, and which of them its axes name: for everything that draws a line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from .moments import time_ticks
from .numbers import SMALLEST, Scale, scale_for
from .readings import Line, MetricReading

_MOST_TIMES = 6
_FLAT_SHARE = 2e-3
"""Of its size: a series that moves less than this is drawn as a level line."""


@dataclass(frozen=True)
class Plot:
    """The rectangle that values are drawn in, in the units of the drawing; `top` is the smaller number."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Axes:
    """Places of times and values on the drawing.

    Args:
        plot: where they lie.
        first: moment, at the left.
        seconds: from the left to the right.
        scale: that values are written in.
        ticks: values that the axis names, in that scale, rising.
    """

    plot: Plot
    first: datetime
    seconds: float
    scale: Scale
    ticks: tuple[float, ...]

    @classmethod
    def of(cls, reading: MetricReading, plot: Plot) -> Axes:
        """Those that hold every point of a reading, which has one."""
        values = [value for line in reading.lines for value in line.values]
        scale, ticks = value_ticks(min(values), max(values), reading.unit)
        return cls(plot, reading.start, (reading.end - reading.start).total_seconds(), scale, ticks)

    def x(self, moment: datetime) -> float:
        """Where a moment lies; the nearer edge if it lies outside."""
        share = (moment - self.first).total_seconds() / self.seconds
        return self.plot.left + min(max(share, 0.0), 1.0) * (self.plot.right - self.plot.left)

    def y(self, value: float) -> float:
        """Where a value lies, in its own unit."""
        return self.height(value / self.scale.divisor)

    def height(self, scaled: float) -> float:
        """Where a value lies that is written in the scale."""
        share = (scaled - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return self.plot.bottom - min(max(share, 0.0), 1.0) * (self.plot.bottom - self.plot.top)

    def value_labels(self) -> list[tuple[float, str]]:
        """Where each tick lies and what is written beside it."""
        step = self.ticks[1] - self.ticks[0]
        decimals = next((places for places in range(12) if round(step, places) > 0), 0)
        is_even = all(abs(round(tick, decimals) - tick) < step / 100 for tick in self.ticks)
        decimals = decimals if is_even else decimals + 1
        return [(self.height(tick), f"{tick + 0.0:.{decimals}f}") for tick in self.ticks]

    def time_labels(self, reading: MetricReading) -> list[tuple[float, str]]:
        """The same for round moments."""
        return [(self.x(moment), label) for moment, label in time_ticks(reading.start, reading.end, _MOST_TIMES)]

    def runs(self, reading: MetricReading, line: Line) -> list[list[tuple[float, float]]]:
        """The points of a line, broken where values are missing for longer than usual."""
        indices = [index for index, value in enumerate(line.points) if value is not None]
        steps = [later - earlier for earlier, later in pairwise(indices)]
        bridged = 1.5 * median(steps) if steps else 1
        runs: list[list[int]] = []
        for index in indices:
            if runs and index - runs[-1][-1] <= bridged:
                runs[-1].append(index)
            else:
                runs.append([index])
        return [[(self.x(reading.place(i)), self.y(line.points[i] or 0.0)) for i in run] for run in runs]


def value_ticks(low: float, high: float, unit: str) -> tuple[Scale, tuple[float, ...]]:
    """The scale to write values in, and three to six round values in it that enclose `low` to `high`.

    Zero is among them unless the values lie far from it compared with their spread.
    """
    if low >= 0 and low < 0.6 * high:
        low = 0.0
    elif high <= 0 and high > 0.6 * low:
        high = 0.0
    size = max(abs(low), abs(high))
    scale = scale_for(size, unit)
    bottom, top = low / scale.divisor, high / scale.divisor
    if size < SMALLEST:
        bottom, top = 0.0, 1.0
    elif top - bottom <= _FLAT_SHARE * max(abs(bottom), abs(top)):
        room = max(abs(bottom), abs(top)) * 0.1
        bottom, top = bottom - room, top + room
    first, last, step = min(
        (_enclosing(bottom, top, parts) for parts in (3, 4, 5)),
        key=lambda axis: ((axis[1] - axis[0]) * axis[2], axis[1] - axis[0]),
    )
    return scale, tuple(place * step for place in range(first, last + 1))


def _enclosing(bottom: float, top: float, parts: int) -> tuple[int, int, float]:
    """First and last multiple of a round step around a range that it divides into about so many parts."""
    step = _round_step((top - bottom) / parts)
    return math.floor(bottom / step + 1e-9), math.ceil(top / step - 1e-9), step


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((factor * power for factor in (1.0, 2.0, 2.5, 5.0) if factor * power >= least), 10 * power)
