"""Small drawings of figures with their intervals, as inline SVG; colours come from the style sheet."""

from __future__ import annotations

from collections.abc import Mapping

from ...evals.suite import Estimate
from .markup import Markup, element

_WIDTH = 240.0
_HEIGHT = 22.0
_EDGE = 7.0


def interval_chart(ours: Estimate, beside: Mapping[str, float], label: str) -> Markup:
    """A figure as a dot on its interval, on a line from 0 to 1; figures of others as ticks below and above it.

    Args:
        ours: drawn at the nearest end where it lies outside of 0 to 1.
        beside: name and figure of each baseline.
        label: for whoever does not see it.
    """
    middle = _HEIGHT / 2
    ticks = [
        element(
            "g",
            element("title", f"{name} {value:.2f}"),
            element("line", x1=_x(value), x2=_x(value), y1=middle - 7, y2=middle + 7, class_="beside"),
        )
        for name, value in beside.items()
    ]
    return element(
        "svg",
        *(element("line", x1=_x(at), x2=_x(at), y1=2, y2=_HEIGHT - 2, class_="grid") for at in (0, 0.5, 1)),
        *ticks,
        element("line", x1=_x(ours.low), x2=_x(ours.high), y1=middle, y2=middle, class_="interval"),
        element("circle", cx=_x(ours.value), cy=middle, r=4.5, class_="figure"),
        viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}",
        class_="interval-chart",
        role="img",
        aria_label=label,
    )


def difference_chart(value: float, low: float, high: float, reach: float, kind: str, label: str) -> Markup:
    """A difference on a line from `-reach` to `reach`, with 0 in the middle.

    Args:
        value: the dot.
        low: where the interval begins.
        high: where it ends.
        reach: above 0; the same for all rows of a table.
        kind: class of the dot: what the difference is called.
        label: for whoever does not see it.
    """
    middle = _HEIGHT / 2

    def x(at: float) -> float:
        return _x((at / reach + 1) / 2)

    return element(
        "svg",
        element("line", x1=_x(0), x2=_x(1), y1=middle, y2=middle, class_="grid"),
        element("line", x1=x(0), x2=x(0), y1=1, y2=_HEIGHT - 1, class_="zero"),
        element("line", x1=x(low), x2=x(high), y1=middle, y2=middle, class_=f"interval {kind}"),
        element("circle", cx=x(value), cy=middle, r=4.5, class_=f"figure {kind}"),
        viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}",
        class_="interval-chart",
        role="img",
        aria_label=label,
    )


def share_bar(parts: Mapping[str, int]) -> Markup:
    """One bar divided by counts, in the order they are given; each part has its name as class."""
    total = sum(parts.values()) or 1
    shapes, start = [], 0.0
    for name, count in parts.items():
        width = 1000 * count / total
        if count:
            shapes.append(
                element(
                    "g",
                    element("title", f"{name}: {count}"),
                    element("rect", x=start, y=0, width=max(width - 3, 1), height=14, class_=f"outcome-{name}"),
                )
            )
        start += width
    return element(
        "svg", *shapes, viewBox="0 0 1000 14", preserveAspectRatio="none", class_="share-bar", aria_hidden="true"
    )


def _x(share: float) -> float:
    return _EDGE + min(max(share, 0.0), 1.0) * (_WIDTH - 2 * _EDGE)
