"""Numbers for people: three significant digits, an SI prefix, a unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

SMALLEST = 1e-300
"""Below this a number is shown as zero; its power of ten could not be represented."""
_PREFIXES: tuple[tuple[float, str], ...] = (
    (1e18, "E"),
    (1e15, "P"),
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
)
# From which magnitude a scale is used, what it divides by, and its unit; all in seconds.
_TIMES: tuple[tuple[float, float, str], ...] = (
    (172_800.0, 86_400.0, "d"),
    (7_200.0, 3_600.0, "h"),
    (180.0, 60.0, "min"),
    (1.0, 1.0, "s"),
    (1e-3, 1e-3, "ms"),
    (1e-6, 1e-6, "µs"),
    (0.0, 1e-9, "ns"),
)
_SECONDS = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "milliseconds": 1e-3}
_SECONDS |= {"us": 1e-6, "µs": 1e-6, "microseconds": 1e-6, "ns": 1e-9, "nanoseconds": 1e-9}
_MOST_SECONDS = 8.64e9
"""A hundred thousand days; what is longer is no time anybody has measured."""
_LEAST_SECONDS = 1e-12
_BYTES = {"b", "by", "byte", "bytes"}
_PERCENT = {"%", "percent"}
_UNITLESS = {"", "1", "none", "ratio", "count"}


@dataclass(frozen=True)
class Scale:
    """How to write numbers of one size: divide, then append the suffix."""

    divisor: float
    suffix: str

    def write(self, value: float) -> str:
        """A number in this scale, with its suffix."""
        return f"{significant(value / self.divisor)}{self.suffix}"


def scale_for(magnitude: float, unit: str | None = None) -> Scale:
    """The scale in which `magnitude` reads best.

    Args:
        magnitude: a finite number; its sign does not matter.
        unit: what the numbers count: seconds and bytes get their own prefixes; unknown units are appended.
    """
    name = (unit or "").strip()
    size = _rounded(abs(magnitude))
    factor = _SECONDS.get(name.lower())
    if factor is not None and _LEAST_SECONDS <= size * factor < _MOST_SECONDS:
        divisor, suffix = next((by, text) for least, by, text in _TIMES if size * factor >= least)
        return Scale(divisor / factor, f" {suffix}")
    if name.lower() in _PERCENT:
        divisor, prefix = (1.0, "") if 1e-3 <= size < 1e5 else _power(size)
        return Scale(divisor, f"{prefix} %")
    divisor, prefix = _power(size)
    if name.lower() in _BYTES:
        return Scale(divisor, f"{prefix}B" if prefix.startswith("e") else f" {prefix}B")
    prefix = prefix if not prefix or prefix.startswith("e") else f" {prefix}"
    return Scale(divisor, prefix if name.lower() in _UNITLESS else f"{prefix} {name}")


def quantity(value: float, unit: str | None = None) -> str:
    """A number with three significant digits, a prefix and its unit: `1.23 k`, `45 ms`, `3.4 GB`, `120e24`."""
    if not math.isfinite(value):
        return "no number"
    return scale_for(value, unit).write(value)


def significant(value: float) -> str:
    """Three significant digits without an exponent or trailing zeros."""
    if abs(value) < SMALLEST:
        return "0"
    value = float(f"{value:.3g}")
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def scores(values: list[float]) -> list[str]:
    """Scores of one ranking, all written alike: as percentages if they are shares."""
    if all(math.isfinite(value) and 0 <= value <= 1 for value in values):
        return [f"{value * 100:.1f} %" for value in values]
    return [quantity(value) for value in values]


def whole(value: int) -> str:
    """A count with its thousands set apart; enormous ones get a prefix."""
    number = finite(value)
    if number is None:
        return "more than can be shown"
    return f"{value:,}" if abs(value) < 10**9 else quantity(number)


def money(usd: float) -> str:
    """US dollars; what is below a cent keeps two significant digits."""
    if not math.isfinite(usd):
        return "no number"
    if abs(usd) >= 1e9:
        return f"${quantity(usd)}"
    if 0 < abs(usd) < 0.01:
        return f"${float(f'{usd:.2g}'):.{min(12, 1 - math.floor(math.log10(abs(usd))))}f}"
    return f"${usd:,.2f}"


def finite(value: object) -> float | None:
    """The finite number that a value of a JSON document is, or nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _power(size: float) -> tuple[float, str]:
    """Divisor and prefix: none from 0.001 up to a thousand, SI up to 10²¹, else a power of ten."""
    if size < SMALLEST or 1e-3 <= size < 1e3:
        return 1.0, ""
    if 1e3 <= size < 1e21:
        return next(row for row in _PREFIXES if size >= row[0])
    exponent = max(3 * math.floor(math.log10(size) / 3), -300)
    return float(f"1e{exponent}"), f"e{exponent}"


def _rounded(size: float) -> float:
    """To three digits, so that 999.96 counts as a thousand; the largest floats would round to infinity."""
    return float(f"{size:.3g}") if size < 1e300 else size
