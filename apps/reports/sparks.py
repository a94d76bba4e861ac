"""A series in one line of text."""

from __future__ import annotations

from .moments import Windows
from .readings import Line, MetricReading

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(reading: MetricReading, line: Line, windows: Windows | None, width: int) -> str:
    """Blocks from the lowest to the highest value, at most `width` of them, with `│` where the incident starts.

    Steps that fall on one block are averaged; a step without values is a dot.
    """
    values = line.values
    low, high = min(values), max(values)
    count = max(1, min(width - 1, len(line.points)))
    text = []
    edge = None if windows is None or windows.start <= reading.start else windows.start
    for place in range(count):
        first, last = place * len(line.points) // count, (place + 1) * len(line.points) // count
        if edge is not None and reading.place(last - 1) >= edge:
            text.append("│")
            edge = None
        some = [value / 2 for value in line.points[first:last] if value is not None]
        text.append(_block(sum(value / len(some) for value in some), low / 2, high / 2) if some else "·")
    return "".join(text)


def _block(value: float, low: float, high: float) -> str:
    share = (value - low) / (high - low) if high > low else 0.0
    return _BLOCKS[min(max(int(share * len(_BLOCKS)), 0), len(_BLOCKS) - 1)]
