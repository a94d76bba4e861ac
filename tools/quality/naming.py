"""What is wrong with a day: the broken rules, brought together under the name of the fault that explains them.

A fault explains the breaches that it causes, so that one mistake is one finding: a join that doubles rows is not also
told as too many rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .checking import Breach, breaches
from .profile import ColumnProfile, PartitionProfile
from .rules import TableRules

Fault = Literal[
    "column_missing",
    "column_added",
    "column_renamed",
    "type_changed",
    "columns_swapped",
    "unit_changed",
    "zeros_for_nulls",
    "nulls",
    "category_renamed",
    "new_category",
    "rows_duplicated",
    "time_zone_shifted",
    "label_leaks",
    "day_repeated",
    "late_data",
    "arrives_late",
    "volume",
    "orphans",
    "out_of_range",
    "moved",
]

UNITS: tuple[tuple[float, str], ...] = (
    (10.0, "ten"),
    (100.0, "a hundred, as from a currency to its cents"),
    (1_000.0, "a thousand, as from seconds to milliseconds"),
    (1e6, "a million, as from seconds to microseconds"),
    (1e9, "a thousand million"),
    (1_024.0, "1,024"),
    (1_048_576.0, "1,048,576"),
    (60.0, "sixty"),
    (3_600.0, "3,600"),
    (24.0, "24"),
    (86_400.0, "86,400"),
    (1.609344, "miles to kilometres"),
)
_CLOSE = 0.05
_EVEN = 1.2
_NEAR = 0.15
"""Of the width of a distribution: two whose quantiles lie no farther apart are one."""
_LEAK = 0.98
_LEAK_RISE = 0.15
_HALF_HOUR_S = 1_800.0
_MIDDLE = slice(1, 6)
"""The quantiles that are compared: the outermost wander."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Args:
        columns: that it concerns; empty for the table as a whole.
        text: what is wrong, in one sentence of ours; names of columns and values stand apart.
        value: the figure that says so; NaN where it is no number.
        usual: what it was over the past days; NaN where it is not known.
        reach: share of the day's rows that it concerns, 0 to 1.
        words: values of the data that belong to it, such as a category.
    """

    fault: Fault
    columns: tuple[str, ...]
    text: str
    value: float
    usual: float
    reach: float
    words: tuple[str, ...] = ()


def findings(rules: TableRules, past: Sequence[PartitionProfile], day: PartitionProfile) -> tuple[Finding, ...]:
    """What is wrong with a day, the farthest reaching first.

    Args:
        rules: of the table.
        past: days that were well, in order; at least one.
        day: to judge.
    """
    broken = list(breaches(rules, day))
    found: list[Finding] = []
    for name in (_repeated, _schema, _swapped, _units, _zeros, _nulls, _categories, _duplicates, _zones, _leaks):
        new, explained = name(past, day, broken)
        found += new
        broken = [breach for breach in broken if breach not in explained]
    found += [_plain(breach, day) for breach in broken]
    return tuple(sorted(found, key=lambda each: (-each.reach, each.fault, each.columns)))


_Named = tuple[list[Finding], list[Breach]]


def _repeated(past: Sequence[PartitionProfile], day: PartitionProfile, broken: list[Breach]) -> _Named:
    """A day that is the one before once more: every figure of every column the same."""
    before = past[-1]
    varied = [name for name, column in day.columns.items() if column.kind == "number" and column.distinct > 20]
    same = [
        name
        for name in varied
        if name in before.columns and _same(day.columns[name].quantiles, before.columns[name].quantiles)
    ]
    # Two days of the same values by chance: not in two columns of many different values.
    if day.rows != before.rows or len(same) < 2 or len(same) < len(varied) / 2:
        return [], []
    stale = [breach for breach in broken if breach.figure in ("lag_s", "late")]
    text = "the values are those of the day before: nothing new was computed"
    return [Finding("day_repeated", tuple(same), text, math.nan, math.nan, 1.0)], stale


def _schema(past: Sequence[PartitionProfile], day: PartitionProfile, broken: list[Breach]) -> _Named:
    missing = [breach for breach in broken if breach.figure == "missing"]
    added = [breach for breach in broken if breach.figure == "added"]
    found, explained = list[Finding](), list[Breach]()
    for gone in missing:
        before = past[-1].columns.get(gone.column)
        twin = next(
            (new for new in added if new not in explained and before and _alike(before, day.columns[new.column])), None
        )
        explained.append(gone)
        if twin is None:
            text = "a column that every day had is not there"
            found.append(Finding("column_missing", (gone.column,), text, math.nan, math.nan, 1.0))
            continue
        explained.append(twin)
        text = "a column has another name; its values are as they were"
        found.append(Finding("column_renamed", (gone.column, twin.column), text, math.nan, math.nan, 1.0))
    for new in added:
        if new not in explained:
            explained.append(new)
            text = "a column is there that no day had"
            found.append(Finding("column_added", (new.column,), text, math.nan, math.nan, 0.0))
    for other in (breach for breach in broken if breach.figure == "type"):
        explained.append(other)
        text = "a column is of another type"
        found.append(Finding("type_changed", (other.column,), text, math.nan, math.nan, 1.0))
    return found, explained


def _swapped(past: Sequence[PartitionProfile], day: PartitionProfile, broken: list[Breach]) -> _Named:
    """Two columns that have each other's values."""
    moved = sorted({breach.column for breach in broken if breach.figure in ("median", "values", "zeros", "nulls")})
    found, used = list[Finding](), set[str]()
    usual = {name: _usual(past, name) for name in moved}
    for place, first in enumerate(moved):
        for second in moved[place + 1 :]:
            if {first, second} & used:
                continue
            own = (_gap(day, first, usual[first]), _gap(day, second, usual[second]))
            crossed = (_gap(day, first, usual[second]), _gap(day, second, usual[first]))
            if max(crossed) < _NEAR < min(own):
                used |= {first, second}
                text = "two columns have each other's values"
                found.append(Finding("columns_swapped", (first, second), text, math.nan, math.nan, 1.0))
    return found, [breach for breach in broken if breach.column in used]


def _units(past: Sequence[PartitionProfile], day: PartitionProfile, broken: list[Breach]) -> _Named:
    found, used = list[Finding](), set[str]()
    for breach in (each for each in broken if each.figure == "median"):
        before, now = _usual(past, breach.column), np.array(day.columns[breach.column].quantiles)
        with np.errstate(all="ignore"):
            ratios = (now / before)[_MIDDLE]
        ratios = ratios[np.isfinite(ratios) & (ratios > 0)]
        if len(ratios) < 4 or ratios.max() > _EVEN * ratios.min():
            continue
        factor = float(np.exp(np.mean(np.log(ratios))))
        named = [(size, what) for size, what in UNITS if abs(math.log(factor / size)) < _CLOSE]
        named += [(1 / size, what) for size, what in UNITS if abs(math.log(factor * size)) < _CLOSE]
        if named:
            used.add(breach.column)
            up = "times" if named[0][0] > 1 else "divided by"
            text = f"every value is {up} {named[0][1]}: another unit"
            found.append(
                Finding("unit_changed", (breach.column,), text, factor, 1.0, 1.0 - day.columns[breach.column].nulls)
            )
    return found, [breach for breach in broken if breach.column in used and breach.figure in ("median", "values")]


def _zeros(past: Sequence[PartitionProfile], day: PartitionProfile, broken: list[Breach]) -> _Named:
    found, explained = list[Finding](), list[Breach]()
    for breach in (each for each in broken if each.figure == "zeros"):
        column, bound = day.columns[breach.column], breach.bound
        before = _usual(past, breach.column)
        # What is not zero is as it was: zeros stand for values that are missing.
        if bound is None or _distance(np.array(column.quantiles), before) > _NEAR:
            continue
        more = column.zeros - bound.usual
        fewer = _usual_of(past, breach.column, "nulls") - column.nulls
        text = "zeros stand where nulls were" if fewer > more / 2 else "zeros stand where values were missing"
        found.append(Finding("zeros_for_nulls", (breach.column,), text, column.zeros, bound.usual, more))
        explained.append(breach)
    return found, explained


def _nulls(past: Sequence[PartitionProfile], day: PartitionProfile, broken: list[Breach]) -> _Named:
    found, explained = list[Finding](), list[Breach]()
    for breach in (each for each in broken if each.figure == "nulls" and each.bound is not None):
        usual = breach.bound.usual if breach.bound is not None else 0.0
        text = "values are missing"
        found.append(Finding("nulls", (breach.column,), text, breach.value, usual, breach.value - usual))
        explained += [each for each in broken if each.column == breach.column and each.figure in ("nulls", "median")]
    return found, explained


def _categories(past: Sequence[PartitionProfile], day: PartitionProfile, broken: list[Breach]) -> _Named:
    found, explained = list[Finding](), list[Breach]()
    for breach in (each for each in broken if each.figure == "categories"):
        now, before = dict(day.columns[breach.column].words), _words(past, breach.column)
        new = {word: share for word, share in now.items() if word not in before}
        gone = {word: share for word, share in before.items() if word not in now and share >= 0.002}
        explained.append(breach)
        for word, share in sorted(new.items(), key=lambda each: -each[1]):
            twin = next((old for old, was in gone.items() if abs(math.log(share / was)) < 0.5), None)
            if twin is None:
                text = "a category is there that no day had"
                found.append(Finding("new_category", (breach.column,), text, share, 0.0, share, (word,)))
                continue
            text = "a category has another name: as many rows as the one that is gone"
            was = gone.pop(twin)
            found.append(Finding("category_renamed", (breach.column,), text, share, was, share, (twin, word)))
    return found, explained


def _duplicates(past: Sequence[PartitionProfile], day: PartitionProfile, broken: list[Breach]) -> _Named:
    own = [breach for breach in broken if breach.figure == "duplicated"]
    if not own or own[0].bound is None:
        return [], []
    rows = [breach for breach in broken if breach.figure == "rows"]
    without = day.rows * (1 - day.duplicated)
    usual = float(np.median([each.rows for each in past]))
    explained = own + [breach for breach in rows if breach.bound is not None and breach.bound.holds(without)]
    text = f"rows are there more than once by their key: {without:.0f} different ones, {usual:.0f} usually"
    return [Finding("rows_duplicated", (), text, day.duplicated, own[0].bound.usual, day.duplicated)], explained


def _zones(past: Sequence[PartitionProfile], day: PartitionProfile, broken: list[Breach]) -> _Named:
    """Event times that are a whole number of half hours off, while nothing arrives later than usual."""
    own = [breach for breach in broken if breach.figure == "lag_s"]
    if not own or own[0].bound is None:
        return [], []
    shift = day.lag_s - own[0].bound.usual
    steps = round(shift / _HALF_HOUR_S)
    spread = float(np.median(np.abs(np.array([each.lag_s for each in past]) - own[0].bound.usual))) * 1.4826
    if steps == 0 or abs(steps) > 28 or abs(shift - steps * _HALF_HOUR_S) > max(_WOBBLE_S, 4 * spread):
        return [], []
    if _turned(past, day, -shift) <= _turned(past, day, 0.0):
        return [], []
    text = f"event times are {abs(steps) / 2:g} hours {'behind' if steps > 0 else 'ahead'}: another time zone"
    late = [breach for breach in broken if breach.figure == "late"]
    return [Finding("time_zone_shifted", (), text, shift, 0.0, 1.0)], own + late


_WOBBLE_S = 120.0


def _turned(past: Sequence[PartitionProfile], day: PartitionProfile, shift_s: float) -> float:
    """How well the rhythm of the day fits the usual one if it is turned back; 0 where nobody knows the rhythm."""
    known = [np.array(each.hours) for each in past if each.hours]
    if not known or not day.hours:
        return 0.0 if shift_s == 0.0 else 1.0
    usual = np.mean(known, axis=0)
    turned = np.roll(np.array(day.hours), -round(shift_s / 3_600))
    if usual.std() < 0.2 * usual.mean():
        return 0.0 if shift_s == 0.0 else 1.0
    return float(np.corrcoef(usual, turned)[0, 1])


def _leaks(past: Sequence[PartitionProfile], day: PartitionProfile, broken: list[Breach]) -> _Named:
    found = []
    for name, column in day.columns.items():
        before = _usual_of(past, name, "tells_label")
        now = column.tells_label
        if math.isnan(now) or math.isnan(before):
            continue
        if (now >= _LEAK and before < _LEAK - 0.03) or now - before >= _LEAK_RISE:
            text = "the column tells the label, which it could not before: it may be made from it"
            found.append(Finding("label_leaks", (name,), text, now, before, 1.0 - column.nulls))
    leaking = {finding.columns[0] for finding in found}
    return found, [breach for breach in broken if breach.column in leaking and breach.figure != "nulls"]


_PLAIN: dict[str, tuple[Fault, str]] = {
    "rows": ("volume", "another number of rows than usual"),
    "duplicated": ("rows_duplicated", "rows are there more than once by their key"),
    "lag_s": ("arrives_late", "rows arrive later or earlier after their event than usual"),
    "late": ("late_data", "rows are of events of long ago"),
    "orphans": ("orphans", "values stand nowhere in the table that they refer to"),
    "zeros": ("moved", "more zeros than usual, and what is not zero is not as it was"),
    "values": ("out_of_range", "values lie outside of the range that every day kept to"),
    "median": ("moved", "values are not as they were"),
    "nulls": ("nulls", "values are missing"),
}


def _plain(breach: Breach, day: PartitionProfile) -> Finding:
    fault, text = _PLAIN[breach.figure]
    usual = breach.bound.usual if breach.bound is not None else math.nan
    column = day.columns.get(breach.column)
    share = breach.figure in ("duplicated", "late", "orphans", "nulls", "zeros")
    reach = breach.value if share else 1.0 - column.nulls if column is not None and breach.figure == "median" else 0.0
    return Finding(
        fault, (breach.column,) if breach.column else (), text, breach.value, usual, min(max(reach, 0.0), 1.0)
    )


def _usual(past: Sequence[PartitionProfile], name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Quantiles of a column over the past, each the median of its days."""
    days = [each.columns[name].quantiles for each in past if name in each.columns and each.columns[name].quantiles]
    return np.nanmedian(np.array(days, np.float64), axis=0) if days else np.full(7, math.nan)


def _usual_of(past: Sequence[PartitionProfile], name: str, figure: str) -> float:
    known = [getattr(each.columns[name], figure) for each in past if name in each.columns]
    known = [value for value in known if not math.isnan(value)]
    return float(np.median(known)) if known else math.nan


def _words(past: Sequence[PartitionProfile], name: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for each in past:
        for word, share in each.columns[name].words if name in each.columns else ():
            found[word] = found.get(word, 0.0) + share / len(past)
    return found


def _gap(day: PartitionProfile, name: str, other: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return _distance(np.array(day.columns[name].quantiles), other)


def _distance(
    now: np.ndarray[tuple[int], np.dtype[np.float64]], before: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> float:
    """How far two sets of quantiles lie apart, in widths of the wider one; infinite where one is not known."""
    if len(now) != len(before) or not (np.isfinite(now).all() and np.isfinite(before).all()):
        return math.inf
    width = max(np.ptp(now[_MIDDLE]), np.ptp(before[_MIDDLE]), 1e-12)
    return float(np.abs(now - before)[_MIDDLE].max() / width)


def _alike(first: ColumnProfile, second: ColumnProfile) -> bool:
    if first.kind != second.kind:
        return False
    if first.kind == "number":
        return _distance(np.array(second.quantiles), np.array(first.quantiles)) < _NEAR
    before, now = dict(first.words), dict(second.words)
    return bool(before) and sum(min(share, now.get(word, 0.0)) for word, share in before.items()) > 0.8 * sum(
        before.values()
    )


def _same(first: Sequence[float], second: Sequence[float]) -> bool:
    return len(first) > 0 and len(first) == len(second) and all(a == b for a, b in zip(first, second, strict=True))
