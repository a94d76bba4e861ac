"""Values of one feature on two sides: which differ, and what their differences have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrow import compute as pc
from .backends.store import Kind, kind_of

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

CellFault = Literal["value", "default", "precision"]

TOLERANCE = 1e-6
"""Relative; the rounding of a value to 32 bits is below 6e-8 (IEEE 754), ten times of which pass unseen."""
_EXACT = 2.0**53
_LEAST = 5
"""So many cells are needed before what they have in common is more than chance."""
_NEARLY_ALL = 0.95
_MOST_DECIMALS = 6
_USUAL_DEFAULTS = ("", "0", "unknown", "none", "null", "nan", "n/a")
_HALF = 2.0**-8
"""The coarsest 16-bit float (bfloat16) has eight bits of precision."""


def is_number(kind: Kind) -> bool:
    """Whether values can be compared as numbers."""
    return kind in ("integer", "float")


@dataclass(frozen=True)
class Cells:
    """Values of a feature, taken apart for comparing.

    Args:
        numbers: (n,) NaN where null; absent for other kinds.
        words: the same as text; absent for numbers.
        nulls: (n,) where there is no value, NaN included.
    """

    numbers: Floats | None
    words: npt.NDArray[np.object_] | None
    nulls: Bools

    def take(self, places: Places) -> Cells:
        """Some rows."""
        return Cells(
            None if self.numbers is None else self.numbers[places],
            None if self.words is None else self.words[places],
            self.nulls[places],
        )


def cells(column: pa.ChunkedArray, *, as_numbers: bool) -> Cells:
    """Take a column apart.

    Args:
        column: of a kind that is a number if `as_numbers`.
        as_numbers: whether the other side has numbers too.
    """
    if as_numbers:
        numbers = np.asarray(
            pc.fill_null(pc.cast(column, pa.float64(), safe=False), float("nan")).to_numpy(), np.float64
        )
        return Cells(numbers, None, np.isnan(numbers))
    if kind_of(column.type) == "time":
        column = pc.cast(pc.cast(column, pa.timestamp("us", "UTC"), safe=False), pa.int64())
    words = pc.cast(column, pa.string()) if kind_of(column.type) != "other" else pa.array(map(str, column.to_pylist()))
    return Cells(
        None,
        np.asarray(words.to_numpy(zero_copy_only=False), object),
        np.asarray(pc.is_null(column).to_numpy(zero_copy_only=False), bool),
    )


def differ(online: Cells, offline: Cells) -> Bools:
    """(n,) where two sides do not have the same value, up to `TOLERANCE` of numbers."""
    apart = online.nulls != offline.nulls
    both = ~online.nulls & ~offline.nulls
    if online.numbers is not None and offline.numbers is not None:
        one, other = online.numbers[both], offline.numbers[both]
        with np.errstate(invalid="ignore", over="ignore"):
            far = np.abs(one - other) > TOLERANCE * np.maximum(np.abs(one), np.abs(other))
            # Identifiers beyond 2**53 are no quantities: a relative difference would hide another one.
            far |= (np.abs(one) >= _EXACT) & (one != other)
        far |= np.isinf(one) != np.isinf(other)
        apart[both] = far
    elif online.words is not None and offline.words is not None:
        apart[both] = online.words[both] != offline.words[both]
    return np.asarray(apart, bool)


@dataclass(frozen=True)
class Common:
    """What differing cells of one feature have in common: a fault, its cause in words, and which of the cells."""

    fault: CellFault
    cause: str
    of: Bools


def in_common(online: Cells, offline: Cells) -> list[Common]:
    """Sort differing cells of one feature by what is wrong with them.

    Args:
        online: (n,) cells that differ.
        offline: the same of the other side.
    """
    left = np.ones(len(online.nulls), bool)
    found: list[Common] = []

    def take(fault: CellFault, cause: str, of: Bools) -> None:
        nonlocal left
        chosen = of & left
        if chosen.any():
            found.append(Common(fault, cause, chosen))
            left = left & ~chosen

    filled = ~online.nulls & offline.nulls
    take("default", _filled(online, filled), filled)
    take("default", "nothing stands online where offline has a value", online.nulls & ~offline.nulls)
    constant = _constant(online, offline, left)
    if constant is not None:
        take("default", constant[0], constant[1])
    if online.numbers is not None and offline.numbers is not None:
        rounded = _rounded(online.numbers, offline.numbers, left)
        if rounded is not None:
            take("precision", rounded[0], rounded[1])
        take("value", _factor(online.numbers[left], offline.numbers[left]), left.copy())
    else:
        take("value", "another value", left.copy())
    return found


def _filled(online: Cells, filled: Bools) -> str:
    if not filled.any():
        return ""
    values = _texts(online, filled)
    words, counts = np.unique(values, return_counts=True)
    if counts.max() >= _NEARLY_ALL * counts.sum():
        return f"{_shown(words[counts.argmax()])} stands online where offline has nothing"
    return "values stand online where offline has nothing"


def _constant(online: Cells, offline: Cells, left: Bools) -> tuple[str, Bools] | None:
    """One value that stands online for many others."""
    if left.sum() < _LEAST:
        return None
    values = _texts(online, left)
    words, counts = np.unique(values, return_counts=True)
    word, often = words[counts.argmax()], int(counts.max())
    one = np.zeros(len(left), bool)
    one[np.flatnonzero(left)[values == word]] = True
    others = len(np.unique(_texts(offline, one)))
    is_default = str(word).lower() in _USUAL_DEFAULTS or word in ("0.0", "-1.0", "-1")
    if often < _LEAST or others < 2 or (not is_default and often < _NEARLY_ALL * left.sum()):
        return None
    # Two categories that were told apart and are one now are a change of values, no default.
    if not is_default and others < _LEAST:
        return None
    return f"{_shown(word)} stands online for other values", one


def _rounded(online: Floats, offline: Floats, left: Bools) -> tuple[str, Bools] | None:
    """Cells that are the other side's with fewer digits; all of them by one rule, or it is chance."""
    one, other = online[left], offline[left]
    if len(one) < _LEAST or not (np.isfinite(one).all() and np.isfinite(other).all()):
        one, other = one[np.isfinite(one) & np.isfinite(other)], other[np.isfinite(one) & np.isfinite(other)]
    if len(one) < _LEAST:
        return None
    whole = np.flatnonzero(left)
    rules: list[tuple[str, Callable[[Floats], Floats]]] = [("cut to whole numbers", _cut)]
    rules += [(f"rounded to {places} decimals", _rounding(places)) for places in range(_MOST_DECIMALS + 1)]
    for words, rule in rules:
        fits = np.abs(rule(offline[whole]) - online[whole]) <= 1e-9 * np.maximum(np.abs(online[whole]), 1.0)
        if fits.mean() >= _NEARLY_ALL:
            return words, _mask(len(left), whole[fits])
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.abs(online[whole] - offline[whole]) <= _HALF * np.abs(offline[whole])
    short = _mantissa_bits(online[whole]) <= 11
    if (near & short).mean() >= _NEARLY_ALL:
        return "kept in 16 bits", _mask(len(left), whole[near & short])
    return None


def _cut(values: Floats) -> Floats:
    return np.asarray(np.trunc(values), np.float64)


def _rounding(places: int) -> _Rounding:
    return _Rounding(places)


@dataclass(frozen=True)
class _Rounding:
    places: int

    def __call__(self, values: Floats) -> Floats:
        return np.asarray(np.round(values, self.places), np.float64)


def _mantissa_bits(values: Floats) -> Places:
    """How many bits of precision a number uses."""
    mantissa, _ = np.frexp(values)
    whole = np.asarray(np.abs(mantissa) * 2.0**53, np.int64)
    lowest = np.where(whole > 0, whole & -whole, 1)
    return np.asarray(53 - np.log2(lowest), np.int64)


def _factor(online: Floats, offline: Floats) -> str:
    usable = (offline != 0) & np.isfinite(offline) & np.isfinite(online)
    if usable.sum() >= _LEAST:
        ratios = online[usable] / offline[usable]
        middle = float(np.median(ratios))
        if (np.abs(ratios - middle) <= 1e-4 * abs(middle)).mean() >= _NEARLY_ALL:
            return f"{middle:.6g} times the offline value"
        steps = online[usable] - offline[usable]
        middle = float(np.median(steps))
        if middle and (np.abs(steps - middle) <= 1e-4 * abs(middle)).mean() >= _NEARLY_ALL:
            return f"{middle:+.6g} against the offline value"
    return "another value"


def _texts(side: Cells, where: Bools) -> npt.NDArray[np.str_]:
    values = side.numbers if side.numbers is not None else side.words
    assert values is not None  # noqa: S101 - one of the two is always there
    return np.asarray([str(each) for each in values[where]])


def _shown(word: object) -> str:
    """A default in words; nothing that a system wrote is repeated unless everybody has it."""
    text = str(word)
    if text.lower() in _USUAL_DEFAULTS:
        return repr(text)
    try:
        return f"{float(text):.6g}"
    except ValueError:
        return "one text"


def _mask(length: int, places: Places) -> Bools:
    found = np.zeros(length, bool)
    found[places] = True
    return found
