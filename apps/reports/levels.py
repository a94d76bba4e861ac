"""Where a series stood before the incident and where it stands in it."""

from __future__ import annotations

from statistics import median

from .cleaning import middle
from .moments import Windows
from .numbers import quantity
from .readings import Line, MetricReading


def before_after_text(reading: MetricReading, windows: Windows | None) -> str:
    """The first line's median before and during the incident, or its range."""
    line = reading.lines[0]
    sides = before_and_during(reading, line, windows)
    which = f" ({middle(line.label, 40)})" if len(reading.lines) > 1 and line.label else ""
    if sides is None:
        low, high = min(line.values), max(line.values)
        return f"From {quantity(low, reading.unit)} to {quantity(high, reading.unit)}{which}"
    before, during = (quantity(side, reading.unit) for side in sides)
    return f"Median {before} before, {during} during the incident{which}"


def before_and_during(reading: MetricReading, line: Line, windows: Windows | None) -> tuple[float, float] | None:
    """Medians of a line's points before and inside the incident; nothing where one side has none."""
    if windows is None:
        return None
    sides: tuple[list[float], list[float]] = ([], [])
    for index, value in enumerate(line.points):
        moment = reading.place(index)
        if value is not None and moment < windows.end:
            sides[moment >= windows.start].append(value)
    return (median_of(sides[0]), median_of(sides[1])) if sides[0] and sides[1] else None


def median_of(values: list[float]) -> float:
    """The median, also of floats whose sum would overflow."""
    return 2 * median(value / 2 for value in values) if max(map(abs, values)) > 1e300 else median(values)
