"""The charts of a report as one PNG picture, for surfaces that show pictures and no SVG.

Nothing is read out of a picture by redaction, so it may be drawn only from a report that is already as its audience may
see it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .axes import Axes, Plot
from .cleaning import middle
from .levels import before_after_text
from .outline import Outline
from .readings import MetricReading

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont
    from PIL.ImageFont import ImageFont as BitmapFont

MOST_CHARTS = 4
_SCALE, _REDUCED = 4, 2
"""Drawn larger and then reduced: slanted lines are smooth."""
_WIDTH, _HEIGHT = 720, 232
_PLOT = Plot(58.0, _WIDTH - 14.0, 62.0, _HEIGHT - 28.0)
_LEGEND_PX = 18
_INK, _SOFT, _RULE, _AXIS, _GROUND = "#1c2024", "#56616c", "#dfe3e6", "#8b949c", "#ffffff"
_WINDOW, _QUIET, _EDGE = "#fbebdf", "#f3f4f5", "#c2560a"
_LINES = ("#0072b2", "#c2560a", "#00835f", "#b0548c", "#6a6f75")
_MOST_IN_TITLE, _MOST_IN_NAME, _MOST_IN_LEGEND = 84, 48, 28
_MOST_MARKERS = 4
_NO_FACE = "?"


def picture(page: Outline) -> bytes | None:
    """The leading indicators over time, under one another, as a PNG; nothing if the report read no series.

    Raises:
        ModuleNotFoundError: Pillow is not there (extra `slack`).
    """
    shown = page.readings[:MOST_CHARTS]
    if not shown:
        return None
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - only for pictures

    heights = [_HEIGHT + (_LEGEND_PX if len(reading.lines) > 1 else 0) for reading in shown]
    image = Image.new("RGB", (_WIDTH * _SCALE, sum(heights) * _SCALE), _GROUND)
    fonts = {size: ImageFont.load_default(size * _SCALE) for size in (11, 12, 14)}
    top = 0.0
    for reading, height in zip(shown, heights, strict=True):
        _chart(_Pen(ImageDraw.Draw(image), fonts, top), page, reading)
        top += height
    out = io.BytesIO()
    image.reduce(_REDUCED).save(out, "PNG", optimize=True)
    return out.getvalue()


@dataclass(frozen=True)
class _Pen:
    """Draws in the units of a chart, `top` below the upper edge of the picture."""

    draw: ImageDraw
    fonts: Mapping[int, FreeTypeFont | BitmapFont]
    top: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        return x * _SCALE, (y + self.top) * _SCALE

    def box(self, left: float, right: float, top: float, bottom: float, colour: str) -> None:
        self.draw.rectangle((*self.place(left, top), *self.place(max(right, left + 1), bottom)), fill=colour)

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float = 1) -> None:
        laid = [self.place(x, y) for x, y in points]
        self.draw.line(laid, fill=colour, width=max(1, round(width * _SCALE)), joint="curve")

    def dot(self, x: float, y: float, colour: str) -> None:
        self.draw.circle(self.place(x, y), 1.8 * _SCALE, fill=colour)

    def text(self, x: float, y: float, said: str, size: int = 11, colour: str = _SOFT, anchor: str = "ls") -> float:
        """Write on a base line; the width of what was written."""
        clean = "".join(c if c.isascii() or c in "·–éíóúáãçñ" else _NO_FACE for c in said)
        self.draw.text(self.place(x, y), clean, fill=colour, font=self.fonts[size], anchor=anchor)
        return self.fonts[size].getlength(clean) / _SCALE


def _chart(pen: _Pen, page: Outline, reading: MetricReading) -> None:
    axes = Axes.of(reading, _PLOT)
    title = (
        f"{middle(reading.metric, _MOST_IN_NAME)} of {middle(reading.entity, _MOST_IN_NAME)} [{reading.evidence_id}]"
    )
    pen.text(14, 20, middle(title, _MOST_IN_TITLE), 14, _INK)
    pen.text(14, 37, middle(before_after_text(reading, page.windows), 110), 12)
    _shading(pen, page, reading, axes)
    for y, label in axes.value_labels():
        pen.line([(_PLOT.left, y), (_PLOT.right, y)], _RULE)
        pen.text(_PLOT.left - 7, y + 4, label, anchor="rs")
    pen.line([(_PLOT.left, _PLOT.bottom), (_PLOT.right, _PLOT.bottom)], _AXIS)
    for x, label in axes.time_labels(reading):
        pen.line([(x, _PLOT.bottom), (x, _PLOT.bottom + 4)], _AXIS)
        pen.text(min(max(x, _PLOT.left + 8), _PLOT.right - 12), _PLOT.bottom + 17, label, anchor="ms")
    own = [change for change in page.changes if change.entity == reading.entity]
    for change in [one for one in own if reading.start <= one.at <= reading.end][-_MOST_MARKERS:]:
        x = axes.x(change.at)
        pen.line([(x, _PLOT.top), (x, _PLOT.bottom)], _SOFT)
        pen.draw.polygon([pen.place(x - 4, _PLOT.top), pen.place(x + 4, _PLOT.top), pen.place(x, _PLOT.top + 6)], _INK)
    for place, line in enumerate(reading.lines):
        colour = _LINES[place % len(_LINES)]
        for run in axes.runs(reading, line):
            if len(run) == 1:
                pen.dot(*run[0], colour)
            else:
                pen.line(run, colour, 1.6)
    if len(reading.lines) > 1:
        _legend(pen, reading)


def _shading(pen: _Pen, page: Outline, reading: MetricReading, axes: Axes) -> None:
    """The unit, the quiet time and the incident, each named above the plot."""
    named = _PLOT.top - 9
    unit = middle(axes.scale.suffix.strip(), 20)
    after_unit = 14 + pen.text(14, named, unit) + 8
    windows = page.windows
    if windows is None:
        return
    if windows.quiet_start is not None and windows.quiet_end is not None:
        left, right = axes.x(windows.quiet_start), axes.x(windows.quiet_end)
        if right - left > 1:
            pen.box(left, right, _PLOT.top, _PLOT.bottom, _QUIET)
        if right - max(left, after_unit) > 70:
            pen.text(max(left + 4, after_unit), named, "quiet time")
    if windows.start < reading.end and windows.end > reading.start:
        begin, end = axes.x(windows.start), axes.x(windows.end)
        pen.box(begin, end, _PLOT.top, _PLOT.bottom, _WINDOW)
        pen.line([(begin, _PLOT.top - 3), (begin, _PLOT.bottom)], _EDGE, 1.25)
        is_right = begin > _PLOT.right - 60
        pen.text(end if is_right else begin, named, "incident", 11, _EDGE, "rs" if is_right else "ls")


def _legend(pen: _Pen, reading: MetricReading) -> None:
    x = _PLOT.left
    for place, line in enumerate(reading.lines):
        label = middle(line.label or "all", _MOST_IN_LEGEND)
        pen.line([(x, _HEIGHT + 2), (x + 16, _HEIGHT + 2)], _LINES[place % len(_LINES)], 2)
        x += 22 + pen.text(x + 20, _HEIGHT + 6, label) + 14
        if x > _PLOT.right - 60:
            break
