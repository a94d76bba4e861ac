"""A sketch of who calls whom, as SVG: in layers from the callers down, nothing loaded from anywhere.

A callee stands below all of its callers, but where calls go in a circle: the call that closes it points up, and is
dashed. Within a layer, entities stand near those above and below that they have to do with, so that few lines cross.

Source: Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981): layers,
then a few sweeps by the mean place of the neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape

MOST_ENTITIES = 150
_WIDTH, _HEIGHT, _ACROSS, _DOWN, _EDGE = 150, 26, 166, 92, 20
_LONGEST_NAME = 22
_SWEEPS = 8
_HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z" fill="#7b8794"/></marker></defs>'
)


def layers_of(edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Entities by the longest way from whoever is called by nobody; loops are cut where they close."""
    names = sorted({name for edge in edges for name in edge})
    below = _below(edges)
    depth = dict.fromkeys(names, 0)
    for name in _callers_first(names, below):
        for callee in below[name]:
            depth[callee] = max(depth[callee], depth[name] + 1)
    found: dict[int, list[str]] = defaultdict(list)
    for name in names:
        found[depth[name]].append(name)
    return _near_each_other([found[level] for level in sorted(found)], edges)


def _below(edges: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Callees by caller, without the calls that close a loop."""
    called = {callee for _, callee in edges}
    whole: dict[str, list[str]] = defaultdict(list)
    for caller, callee in sorted(set(edges)):
        whole[caller].append(callee)
    kept: dict[str, list[str]] = defaultdict(list)
    done: set[str] = set()
    for start in sorted({name for edge in edges for name in edge}, key=lambda name: (name in called, name)):
        if start in done:
            continue
        way: list[tuple[str, Iterator[str]]] = [(start, iter(whole[start]))]
        open_now = {start}
        while way:
            name, rest = way[-1]
            if (called_next := next(rest, None)) is None:
                way.pop()
                open_now.discard(name)
                done.add(name)
            elif called_next not in open_now:
                kept[name].append(called_next)
                if called_next not in done:
                    way.append((called_next, iter(whole[called_next])))
                    open_now.add(called_next)
    return kept


def _callers_first(names: Sequence[str], below: Mapping[str, Sequence[str]]) -> list[str]:
    waiting = dict.fromkeys(names, 0)
    for callees in below.values():
        for callee in callees:
            waiting[callee] += 1
    ready = [name for name in names if not waiting[name]]
    for name in ready:  # it grows
        for callee in below.get(name, ()):
            waiting[callee] -= 1
            if not waiting[callee]:
                ready.append(callee)
    return ready


def _near_each_other(layers: list[list[str]], edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    beside: dict[str, set[str]] = defaultdict(set)
    for caller, callee in edges:
        beside[caller].add(callee)
        beside[callee].add(caller)
    level = {name: row for row, layer in enumerate(layers) for name in layer}
    at = {name: column - len(layer) / 2 for layer in layers for column, name in enumerate(layer)}
    for sweep in range(_SWEEPS):
        rows = range(len(layers)) if sweep % 2 == 0 else range(len(layers) - 1, -1, -1)
        for row in rows:
            towards = {
                name: [at[one] for one in beside[name] if (level[one] < row) == (sweep % 2 == 0) and level[one] != row]
                for name in layers[row]
            }
            mean = {name: sum(places) / len(places) if places else at[name] for name, places in towards.items()}
            layers[row].sort(key=lambda name: (mean[name], name))
            at.update({name: column - len(layers[row]) / 2 for column, name in enumerate(layers[row])})
    return layers


def sketch(edges: Sequence[tuple[str, str]], title: str) -> str:
    """The SVG of a call graph.

    Args:
        edges: caller and callee.
        title: for people who cannot see it.
    """
    layers = layers_of(edges)
    width = 2 * _EDGE + max((len(layer) for layer in layers), default=1) * _ACROSS
    height = 2 * _EDGE + max(len(layers) - 1, 0) * _DOWN + _HEIGHT
    at: dict[str, tuple[float, float]] = {}
    for row, layer in enumerate(layers):
        indent = (width - len(layer) * _ACROSS) / 2
        for column, name in enumerate(layer):
            at[name] = (indent + column * _ACROSS, _EDGE + row * _DOWN)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'font-family="sans-serif" font-size="11">',
        f"<title>{escape(title)}</title>",
        _HEAD,
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *(_call(at[caller], at[callee]) for caller, callee in sorted(set(edges)) if caller != callee),
    ]
    for name, (x, y) in at.items():
        short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
        lines.append(
            f'<g><title>{escape(name)}</title><rect x="{x:.0f}" y="{y:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="4" '
            f'fill="#eef2f7" stroke="#52606d"/><text x="{x + _WIDTH / 2:.0f}" y="{y + 17:.0f}" text-anchor="middle">'
            f"{escape(short)}</text></g>"
        )
    return "\n".join([*lines, "</svg>"]) + "\n"


def _call(caller: tuple[float, float], callee: tuple[float, float]) -> str:
    """A curve with an arrow at the callee; up, where it closes a loop."""
    is_up = callee[1] <= caller[1]
    x1, x2 = caller[0] + _WIDTH / 2, callee[0] + _WIDTH / 2
    y1, y2 = (caller[1], callee[1] + _HEIGHT) if is_up else (caller[1] + _HEIGHT, callee[1])
    bend = (y2 - y1) / 2
    dashed = ' stroke-dasharray="4 3"' if is_up else ""
    return (
        f'<path d="M{x1:.0f} {y1:.0f}C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2:.0f}" fill="none" '
        f'stroke="#7b8794" marker-end="url(#head)"{dashed}/>'
    )
