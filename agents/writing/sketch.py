"""A sketch of who calls whom, as SVG: in layers from the callers down, nothing loaded from anywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape

MOST_ENTITIES = 150
_WIDTH, _HEIGHT, _ACROSS, _DOWN, _EDGE = 150, 26, 166, 74, 20
_LONGEST_NAME = 22


def layers_of(edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Entities by their distance from whoever is called by nobody; loops are cut where they close."""
    callees: dict[str, list[str]] = defaultdict(list)
    callers: dict[str, int] = defaultdict(int)
    names = sorted({name for edge in edges for name in edge})
    for caller, callee in sorted(set(edges)):
        callees[caller].append(callee)
        callers[callee] += 1
    depth: dict[str, int] = {}
    rest = [name for name in names if not callers[name]] or names[:1]
    level = 0
    while rest or len(depth) < len(names):
        rest = rest or [next(name for name in names if name not in depth)]
        for name in rest:
            depth[name] = level
        rest = sorted({below for name in rest for below in callees[name] if below not in depth})
        level += 1
    found: dict[int, list[str]] = defaultdict(list)
    for name in names:
        found[depth[name]].append(name)
    return [found[level] for level in sorted(found)]


def sketch(edges: Sequence[tuple[str, str]], title: str) -> str:
    """The SVG of a call graph.

    Args:
        edges: caller and callee.
        title: for people who cannot see it.
    """
    layers = layers_of(edges)
    width = 2 * _EDGE + max((len(layer) for layer in layers), default=1) * _ACROSS
    height = 2 * _EDGE + max(len(layers), 1) * _DOWN
    at: dict[str, tuple[float, float]] = {}
    for row, layer in enumerate(layers):
        indent = (width - len(layer) * _ACROSS) / 2
        for column, name in enumerate(layer):
            at[name] = (indent + column * _ACROSS, _EDGE + row * _DOWN)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'font-family="sans-serif" font-size="11">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for caller, callee in sorted(set(edges)):
        (x1, y1), (x2, y2) = at[caller], at[callee]
        lines.append(
            f'<line x1="{x1 + _WIDTH / 2:.0f}" y1="{y1 + _HEIGHT:.0f}" x2="{x2 + _WIDTH / 2:.0f}" y2="{y2:.0f}" '
            'stroke="#9aa5b1"/>'
        )
    for name, (x, y) in at.items():
        short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
        lines.append(
            f'<g><title>{escape(name)}</title><rect x="{x:.0f}" y="{y:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="4" '
            f'fill="#eef2f7" stroke="#52606d"/><text x="{x + _WIDTH / 2:.0f}" y="{y + 17:.0f}" text-anchor="middle">'
            f"{escape(short)}</text></g>"
        )
    return "\n".join([*lines, "</svg>"]) + "\n"
