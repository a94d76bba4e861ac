"""Numbers with their units in lines of code and configuration: `15 * time.Minute` and `900s` are the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SECONDS = {
    "ns": 1e-9, "nanosecond": 1e-9, "us": 1e-6, "microsecond": 1e-6, "ms": 1e-3, "millis": 1e-3, "millisecond": 1e-3,
    "s": 1.0, "sec": 1.0, "second": 1.0, "m": 60.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0,
    "d": 86400.0, "day": 86400.0,
}  # fmt: skip
_BYTES = {
    "b": 1.0, "k": 1e3, "kb": 1e3, "ki": 1024.0, "kib": 1024.0, "mb": 1e6, "mi": 1024.0**2, "mib": 1024.0**2,
    "g": 1e9, "gb": 1e9, "gi": 1024.0**3, "gib": 1024.0**3, "t": 1e12, "tb": 1e12, "ti": 1024.0**4, "tib": 1024.0**4,
}  # fmt: skip

_QUANTITY = re.compile(
    r"(?<![\w.#$])(?P<number>\d[\d_]*(?:\.\d+)?)(?![\d.]*\.\d)"
    r"(?:\s*\*\s*(?:[A-Za-z]+\.)*(?P<factor>[A-Za-z]+)|(?P<suffix>[A-Za-z%]{1,12}))?(?![\w])"
)
_LARGEST_FACTOR = 1e6


@dataclass(frozen=True)
class Quantity:
    """A number in the base unit of its kind: `s` for durations, `B` for sizes, else the unit as written."""

    value: float
    unit: str


def quantities_of(line: str) -> tuple[Quantity, ...]:
    """The numbers of a line in their order; version numbers are none."""
    return tuple(_quantity(match) for match in _QUANTITY.finditer(line))


def skeleton_of(line: str) -> str:
    """The line in words, with its numbers (and their units) left out of account."""
    return " ".join(re.findall(r"\w+|[^\w\s]", _QUANTITY.sub(" 0 ", line)))


def factor_between(one: Quantity, other: Quantity) -> float:
    """The larger over the smaller, at most a million; 1 where the kinds of unit differ or nothing changed."""
    if one.unit != other.unit or one.value == other.value:
        return 1.0
    low, high = sorted((abs(one.value), abs(other.value)))
    return min(high / low, _LARGEST_FACTOR) if low > 0 else _LARGEST_FACTOR


def _quantity(match: re.Match[str]) -> Quantity:
    value = float(match["number"].replace("_", ""))
    unit = (match["factor"] or match["suffix"] or "").lower()
    singular = unit.removesuffix("s") if len(unit) > 2 and unit not in _SECONDS else unit
    if singular in _SECONDS:
        return Quantity(value * _SECONDS[singular], "s")
    if unit in _BYTES:
        return Quantity(value * _BYTES[unit], "B")
    return Quantity(value, unit)
