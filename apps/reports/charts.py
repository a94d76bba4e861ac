"""Charts as inline SVG: lines over time, bars of scores, lanes of changes. Colours come from the style sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from .cleaning import middle
from .markup import Markup, element, fragment
from .moments import EARLIEST, Windows, time_ticks
from .numbers import SMALLEST, Scale, scale_for
from .readings import Change, Line, MetricReading

_WIDTH, _HEIGHT = 460.0, 196.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 6.0, 18.0, 22.0
_MOST_MARKERS = 4
_FLAT_SHARE = 2e-3
"""Of its size: a series that moves less than this is drawn as a level line."""


@dataclass(frozen=True)
class Stretch:
    """The times that lanes under one another share; what lies before the first is an arrow to the left."""

    windows: Windows
    first: datetime
    last: datetime

    @classmethod
    def around(cls, windows: Windows, moments: Sequence[datetime]) -> Stretch:
        """From the first moment to the last, but no further back than lets the incident itself be seen."""
        back = max(timedelta(hours=2), 4 * (windows.end - windows.start))
        first = max(min(moments), windows.start - min(back, windows.start - EARLIEST))
        return cls(windows, min(first, windows.start), max(windows.end, *moments))

    def place(self, moment: datetime) -> float:
        """Where a moment lies, from 0 to 1."""
        seconds = max((self.last - self.first).total_seconds(), 1.0)
        return min(max((moment - self.first).total_seconds() / seconds, 0.0), 1.0)


@dataclass(frozen=True)
class _Axes:
    """Places of times and values on the drawing."""

    first: datetime
    seconds: float
    low: float
    high: float
    divisor: float

    def x(self, moment: datetime) -> float:
        share = (moment - self.first).total_seconds() / self.seconds
        return _LEFT + min(max(share, 0.0), 1.0) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return self.height(value / self.divisor)

    def height(self, scaled: float) -> float:
        share = (scaled - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - min(max(share, 0.0), 1.0) * (_HEIGHT - _TOP - _BOTTOM)


def line_chart(reading: MetricReading, windows: Windows | None, changes: Sequence[Change], label: str) -> Markup:
    """One metric over time with the incident shaded, the quiet time underlined and changes marked.

    Args:
        reading: with at least one line that has a point.
        windows: absent if the incident's times cannot be read.
        changes: those worth marking; what lies outside the chart is not drawn.
        label: what a person who cannot see the chart is told.
    """
    values = [value for line in reading.lines for value in line.values]
    scale, ticks = value_ticks(min(values), max(values), reading.unit)
    axes = _Axes(reading.start, (reading.end - reading.start).total_seconds(), ticks[0], ticks[-1], scale.divisor)
    return element(
        "svg",
        *_shading(axes, reading, windows, scale.suffix.strip()),
        *_grid(axes, reading, ticks),
        *_markers(axes, reading, changes),
        *(_line(axes, reading, line, place) for place, line in enumerate(reading.lines)),
        viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}",
        class_="chart",
        role="img",
        aria_label=label,
    )


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


def score_bar(score: float, best: float) -> Markup:
    """A bar as long as a score is compared with the best one; the number stands beside it."""
    share = min(max(score / best, 0.0), 1.0) if best > 0 else 0.0
    return element(
        "svg",
        element("rect", x=0, y=0, width=100, height=8, class_="bar-ground"),
        element("rect", x=0, y=0, width=share * 100, height=8, class_="bar"),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        class_="score",
        aria_hidden="true",
    )


def lane(at: datetime | None, stretch: Stretch, *, is_suspect: bool = False) -> Markup:
    """Where a change lies in a stretch of time, with the incident shaded; under one another lanes are a timeline."""
    begin, end = stretch.place(stretch.windows.start) * 1000, stretch.place(stretch.windows.end) * 1000
    shapes = [
        element("rect", x=begin, y=0, width=max(end - begin, 2.0), height=10, class_="window"),
        element("line", x1=0, x2=1000, y1=5, y2=5, class_="lane-line"),
        element("line", x1=begin, x2=begin, y1=0, y2=10, class_="window-edge"),
    ]
    if at is not None:
        x = stretch.place(at) * 1000
        kind = "tick suspect" if is_suspect else "tick"
        if at < stretch.first:
            shapes.append(element("path", d="M28 1.5L4 5L28 8.5", class_=f"{kind} earlier"))
        else:
            shapes.append(element("line", x1=x, x2=x, y1=1, y2=9, class_=kind))
    return element("svg", *shapes, viewBox="0 0 1000 10", preserveAspectRatio="none", class_="lane", aria_hidden="true")


def _enclosing(bottom: float, top: float, parts: int) -> tuple[int, int, float]:
    """First and last multiple of a round step around a range that it divides into about so many parts."""
    step = _round_step((top - bottom) / parts)
    return math.floor(bottom / step + 1e-9), math.ceil(top / step - 1e-9), step


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((factor * power for factor in (1.0, 2.0, 2.5, 5.0) if factor * power >= least), 10 * power)


def _shading(axes: _Axes, reading: MetricReading, windows: Windows | None, unit: str) -> Iterable[Markup]:
    unit = middle(unit, 20)
    yield element("text", unit, x=0, y=_TOP - 7, class_="tick-text")
    if windows is None:
        return
    plot = {"y": _TOP, "height": _HEIGHT - _TOP - _BOTTOM}
    begin, end = axes.x(windows.start), axes.x(windows.end)
    is_inside = windows.start < reading.end and windows.end > reading.start
    if windows.quiet_start is not None and windows.quiet_end is not None:
        left, right = axes.x(windows.quiet_start), axes.x(windows.quiet_end)
        note_x = max(left + 4, len(unit) * 6.5 + 6)
        if right - left > 1:
            yield element("rect", x=left, width=right - left, class_="quiet", **plot)
        if right - note_x > 58:
            yield element("text", "quiet time", x=note_x, y=_TOP - 7, class_="note")
    if is_inside:
        yield element("rect", x=begin, width=max(end - begin, 1.0), class_="window", **plot)
        yield element("line", x1=begin, x2=begin, y1=_TOP - 3, y2=_HEIGHT - _BOTTOM, class_="window-edge")
        is_right = begin > _WIDTH - 74
        yield element(
            "text",
            "incident",
            x=end if is_right else begin,
            y=_TOP - 7,
            class_="note strong",
            text_anchor="end" if is_right else None,
        )


def _grid(axes: _Axes, reading: MetricReading, ticks: Sequence[float]) -> Iterable[Markup]:
    decimals = next((places for places in range(12) if round(ticks[1] - ticks[0], places) > 0), 0)
    is_even = all(abs(round(tick, decimals) - tick) < (ticks[1] - ticks[0]) / 100 for tick in ticks)
    decimals = decimals if is_even else decimals + 1
    for tick in ticks:
        y = axes.height(tick)
        yield element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid")
        label = f"{tick + 0.0:.{decimals}f}"
        yield element("text", label, x=_LEFT - 6, y=y + 3.5, class_="tick-text", text_anchor="end")
    bottom = _HEIGHT - _BOTTOM
    for moment, label in time_ticks(reading.start, reading.end, 6):
        x = axes.x(moment)
        yield element("line", x1=x, x2=x, y1=bottom, y2=bottom + 4, class_="axis")
        anchor = "start" if x < _LEFT + 12 else "end" if x > _WIDTH - 20 else "middle"
        yield element("text", label, x=x, y=bottom + 15, class_="tick-text", text_anchor=anchor)
    yield element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=bottom, y2=bottom, class_="axis")


def _markers(axes: _Axes, reading: MetricReading, changes: Sequence[Change]) -> Iterable[Markup]:
    inside = [change for change in changes if reading.start <= change.at <= reading.end]
    for change in inside[-_MOST_MARKERS:]:
        x = axes.x(change.at)
        name = " ".join(word for word in (change.kind, change.id) if word) or "change"
        yield element(
            "g",
            element("title", name),
            element("line", x1=x, x2=x, y1=_TOP, y2=_HEIGHT - _BOTTOM, class_="marker"),
            element("path", d=f"M{x - 4:.1f} {_TOP - 1:g}h8l-4 6z", class_="marker-head"),
        )


def _line(axes: _Axes, reading: MetricReading, line: Line, place: int) -> Markup:
    """A path, broken where values are missing for longer than usual; a point alone is a dot."""
    indices = [index for index, value in enumerate(line.points) if value is not None]
    steps = [later - earlier for earlier, later in pairwise(indices)]
    bridged = 1.5 * median(steps) if steps else 1
    runs: list[list[int]] = []
    for index in indices:
        if runs and index - runs[-1][-1] <= bridged:
            runs[-1].append(index)
        else:
            runs.append([index])
    shapes = []
    for run in runs:
        points = [(axes.x(reading.place(index)), axes.y(line.points[index] or 0.0)) for index in run]
        if len(points) == 1:
            shapes.append(element("circle", cx=points[0][0], cy=points[0][1], r=1.8, class_=f"dot s{place}"))
        else:
            path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            shapes.append(element("path", d=path, class_=f"line s{place}"))
    return fragment(shapes)
