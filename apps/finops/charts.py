"""Charts of amounts as inline SVG: bars with intervals, steps from one bill to the next, stated and observed risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...tools.recommendations.amounts import said
from ..reports.cleaning import middle
from ..reports.markup import Markup, element, fragment

_WIDTH = 940.0
_LABEL = 300.0
_VALUE = 120.0
_ROW = 26.0


@dataclass(frozen=True)
class Bar:
    """One amount.

    Args:
        label: whose.
        value: the amount.
        low: of its interval; the value where there is none.
        high: the same.
        kind: class of the bar.
    """

    label: str
    value: float
    low: float
    high: float
    kind: str = "main"


def bars(found: Sequence[Bar], currency: str, label: str) -> Markup:
    """Amounts under one another, each with its interval as a thin line and its number at the end."""
    most = max((max(bar.value, bar.high, 0.0) for bar in found), default=0.0) or 1.0
    room = _WIDTH - _LABEL - _VALUE
    rows = []
    for place, bar in enumerate(found):
        y = place * _ROW
        width, low, high = (max(each, 0.0) / most * room for each in (bar.value, bar.low, bar.high))
        rows.append(
            element(
                "g",
                element("title", f"{bar.label}: {said(bar.value, currency)} (90 %: {bar.low:,.0f} to {bar.high:,.0f})"),
                element("text", middle(bar.label, 44), x=_LABEL - 10, y=y + 17, text_anchor="end", class_="bar-label"),
                element(
                    "rect", x=_LABEL, y=y + 5, width=max(width, 1.0), height=_ROW - 11, class_=f"amount {bar.kind}"
                ),
                element("line", x1=_LABEL + low, x2=_LABEL + high, y1=y + 12.5, y2=y + 12.5, class_="whisker"),
                element(
                    "text", said(bar.value, currency), x=_LABEL + max(width, high) + 8, y=y + 17, class_="bar-value"
                ),
            )
        )
    return _svg(rows, len(found) * _ROW, label)


def steps(before: float, parts: Sequence[tuple[str, float]], after: float, currency: str, label: str) -> Markup:
    """From one amount to another by its parts; what adds goes right, what saves goes left."""
    levels = [before]
    for _, amount in parts:
        levels.append(levels[-1] + amount)
    most = max(*levels, before, after)
    base = first_of(before, parts, after)
    scale = (_WIDTH - _LABEL - _VALUE) / ((most - base) or 1.0)

    def x(value: float) -> float:
        return _LABEL + (value - base) * scale

    rows: list[Markup] = []
    for place, (text, start, end, kind) in enumerate(_stretches(before, parts, after, base)):
        y = place * _ROW
        left, right = sorted((x(start), x(end)))
        shown = end if kind == "total" else end - start
        sign = "+" if kind == "more" else ""
        rows.append(
            element(
                "g",
                element("text", middle(text, 44), x=_LABEL - 10, y=y + 17, text_anchor="end", class_="bar-label"),
                element(
                    "rect", x=left, y=y + 5, width=max(right - left, 1.0), height=_ROW - 11, class_=f"amount {kind}"
                ),
                element("text", f"{sign}{said(shown, currency)}", x=right + 8, y=y + 17, class_="bar-value"),
            )
        )
    return _svg(rows, len(rows) * _ROW, label)


def first_of(before: float, parts: Sequence[tuple[str, float]], after: float) -> float:
    """Where the bars begin: at zero, or, where the parts would be too small to be seen beside the whole, above it."""
    levels = [before]
    for _, amount in parts:
        levels.append(levels[-1] + amount)
    low, high = min(*levels, after), max(*levels, after)
    return max(low - 2 * (high - low), 0.0) if low > 0 else low


def _stretches(
    before: float, parts: Sequence[tuple[str, float]], after: float, base: float
) -> list[tuple[str, float, float, str]]:
    found = [("before", base, before, "total")]
    level = before
    for text, amount in parts:
        found.append((text, level, level + amount, "more" if amount > 0 else "less"))
        level += amount
    return [*found, ("after", base, after, "total")]


def calibration(points: Sequence[tuple[float, float, int]], label: str) -> Markup:
    """Stated risk against what happened, on a diagonal that is right; a dot is as large as it has weeks."""
    side, edge = 220.0, 34.0
    most = max((max(stated, seen) for stated, seen, _ in points), default=0.0) or 0.01
    weeks = max((count for _, _, count in points), default=1) or 1
    room = side - edge - 8

    def x(share: float) -> float:
        return edge + share / most * room

    def y(share: float) -> float:
        return 8 + room - share / most * room

    dots = [
        element(
            "g",
            element("title", f"stated {stated:.2%}, observed {seen:.2%}, {count:,} weeks"),
            element("circle", cx=x(stated), cy=y(seen), r=3 + 4 * (count / weeks) ** 0.5, class_="dot"),
        )
        for stated, seen, count in points
    ]
    return element(
        "svg",
        element("line", x1=x(0), y1=y(0), x2=x(most), y2=y(most), class_="diagonal"),
        element("line", x1=edge, y1=8, x2=edge, y2=8 + room, class_="axis"),
        element("line", x1=edge, y1=8 + room, x2=edge + room, y2=8 + room, class_="axis"),
        fragment(dots),
        element("text", f"{most:.1%}", x=edge - 4, y=16, text_anchor="end", class_="tick-text"),
        element("text", "0", x=edge - 4, y=8 + room, text_anchor="end", class_="tick-text"),
        element("text", "stated risk", x=edge + room, y=side - 8, text_anchor="end", class_="tick-text"),
        element("text", "observed", x=edge + 5, y=18, class_="tick-text"),
        viewBox=f"0 0 {side:g} {side:g}",
        class_="calibration",
        role="img",
        aria_label=label,
    )


def _svg(rows: Sequence[Markup], height: float, label: str) -> Markup:
    return element(
        "svg",
        fragment(rows),
        viewBox=f"0 0 {_WIDTH:g} {max(height, 1.0):g}",
        class_="amounts",
        role="img",
        aria_label=label,
    )
