"""Charts as inline SVG: lines over time, bars of scores, lanes of changes. Colours come from the style sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .axes import Axes, Plot
from .cleaning import middle
from .markup import Markup, element, fragment
from .moments import EARLIEST, Windows
from .readings import Change, Line, MetricReading

_WIDTH, _HEIGHT = 460.0, 196.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 6.0, 18.0, 22.0
_PLOT = Plot(_LEFT, _WIDTH - _RIGHT, _TOP, _HEIGHT - _BOTTOM)
_MOST_MARKERS = 4


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


def line_chart(reading: MetricReading, windows: Windows | None, changes: Sequence[Change], label: str) -> Markup:
    """One metric over time with the incident shaded, the quiet time underlined and changes marked.

    Args:
        reading: with at least one line that has a point.
        windows: absent if the incident's times cannot be read.
        changes: those worth marking; what lies outside the chart is not drawn.
        label: what a person who cannot see the chart is told.
    """
    axes = Axes.of(reading, _PLOT)
    return element(
        "svg",
        *_shading(axes, reading, windows, axes.scale.suffix.strip()),
        *_grid(axes, reading),
        *_markers(axes, reading, changes),
        *(_line(axes, reading, line, place) for place, line in enumerate(reading.lines)),
        viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}",
        class_="chart",
        role="img",
        aria_label=label,
    )


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


def _shading(axes: Axes, reading: MetricReading, windows: Windows | None, unit: str) -> Iterable[Markup]:
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


def _grid(axes: Axes, reading: MetricReading) -> Iterable[Markup]:
    for y, label in axes.value_labels():
        yield element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid")
        yield element("text", label, x=_LEFT - 6, y=y + 3.5, class_="tick-text", text_anchor="end")
    bottom = _HEIGHT - _BOTTOM
    for x, label in axes.time_labels(reading):
        yield element("line", x1=x, x2=x, y1=bottom, y2=bottom + 4, class_="axis")
        anchor = "start" if x < _LEFT + 12 else "end" if x > _WIDTH - 20 else "middle"
        yield element("text", label, x=x, y=bottom + 15, class_="tick-text", text_anchor=anchor)
    yield element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=bottom, y2=bottom, class_="axis")


def _markers(axes: Axes, reading: MetricReading, changes: Sequence[Change]) -> Iterable[Markup]:
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


def _line(axes: Axes, reading: MetricReading, line: Line, place: int) -> Markup:
    """A path, broken where values are missing for longer than usual; a point alone is a dot."""
    shapes = []
    for points in axes.runs(reading, line):
        if len(points) == 1:
            shapes.append(element("circle", cx=points[0][0], cy=points[0][1], r=1.8, class_=f"dot s{place}"))
        else:
            path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            shapes.append(element("path", d=path, class_=f"line s{place}"))
    return fragment(shapes)
