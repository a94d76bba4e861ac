"""Rules of a table, learned from its past days and kept as code that people read and change.

A bound is what the past days had, and beyond it three times their own spread (the median distance from the median,
scaled to a standard deviation) and never less than a floor: a table that never varied may still vary a little.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from .profile import MOST_WORDS, PartitionProfile

LEAST_DAYS = 7
_WIDE = 3.0
_SCALE = 1.4826
_SHARE_FLOOR = 0.01
_RATIO_FLOOR = 0.10
_RARE = 0.001


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bound(_Frozen):
    """What a figure may be; `usual` is its median over the past."""

    least: float | None = None
    most: float | None = None
    usual: float

    def holds(self, value: float, stretch: float = 1.0) -> bool:
        """Whether a figure lies inside; one that is not known does.

        Args:
            value: of a day.
            stretch: how much wider the bounds are than they say, 1 or more: few rows know a figure less well.
        """
        if math.isnan(value):
            return True
        low = None if self.least is None else self.usual - stretch * (self.usual - self.least)
        high = None if self.most is None else self.usual + stretch * (self.most - self.usual)
        return (low is None or value >= low) and (high is None or value <= high)


class ColumnRule(_Frozen):
    """What a column has to be like."""

    type: str = Field(description="as Arrow writes it")
    required: bool = True
    nulls: Bound | None = None
    zeros: Bound | None = None
    values: Bound | None = Field(default=None, description="no value outside; only of numbers that kept to a range")
    median: Bound | None = Field(default=None, description="of what is neither null nor zero")
    categories: tuple[str, ...] | None = Field(default=None, description="no others; only where nothing new came")


class TableRules(_Frozen):
    """The rules of a table."""

    version: Literal[1] = 1
    table: str
    learned_from: tuple[str, str] = Field(description="first and last partition")
    days: int
    rows: Bound | None = None
    duplicated: Bound | None = None
    lag_s: Bound | None = None
    late: Bound | None = None
    orphans: dict[str, Bound] = Field(default_factory=dict)
    columns: dict[str, ColumnRule]


def propose(table: str, past: Sequence[PartitionProfile]) -> TableRules:
    """Rules that every past day keeps.

    Args:
        table: its name.
        past: the days in order, at least `LEAST_DAYS`.

    Raises:
        ValueError: there are too few days to learn from.
    """
    if len(past) < LEAST_DAYS:
        raise ValueError(f"rules are learned from {LEAST_DAYS} days or more")
    names = sorted({name for day in past for name in day.columns})
    references = sorted({name for day in past for name in day.orphans})
    return TableRules(
        table=table,
        learned_from=(past[0].name, past[-1].name),
        days=len(past),
        rows=_ratio([float(day.rows) for day in past]),
        duplicated=_share([day.duplicated for day in past]),
        lag_s=_ratio([day.lag_s for day in past], floor=600.0),
        late=_share([day.late for day in past]),
        orphans={
            name: bound
            for name in references
            if (bound := _share([day.orphans.get(name, math.nan) for day in past])) is not None
        },
        columns={name: _column_rule(name, past) for name in names},
    )


def _column_rule(name: str, past: Sequence[PartitionProfile]) -> ColumnRule:
    days = [day.columns[name] for day in past if name in day.columns]
    newest = days[-1]
    rule = ColumnRule(type=newest.arrow, required=len(days) == len(past), nulls=_share([day.nulls for day in days]))
    if newest.kind == "number":
        return rule.model_copy(
            update={
                "zeros": _share([day.zeros for day in days]),
                "values": _range([day.least for day in days], [day.most for day in days]),
                "median": _ratio([day.quantiles[3] for day in days]),
            }
        )
    if newest.kind in ("word", "flag"):
        return rule.model_copy(update={"categories": _categories(name, past)})
    return rule


def _share(values: Sequence[float]) -> Bound | None:
    """An upper bound of a share."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return None
    usual, spread = _usual(known)
    most = min(max(max(known), usual + _WIDE * spread) + _SHARE_FLOOR, 1.0)
    return Bound(most=_short(most), usual=_short(usual))


def _ratio(values: Sequence[float], floor: float = 0.0) -> Bound | None:
    """Bounds of a figure of which a tenth more or less is nothing."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return None
    usual, spread = _usual(known)
    slack = max(_WIDE * spread, _RATIO_FLOOR * abs(usual), floor)
    # The next extreme may lie a little beyond the last one.
    room = max(_RATIO_FLOOR * abs(usual), floor) / 2
    return Bound(
        least=_short(min(min(known) - room, usual - slack)),
        most=_short(max(max(known) + room, usual + slack)),
        usual=_short(usual),
    )


def _range(leasts: Sequence[float], mosts: Sequence[float]) -> Bound | None:
    """What no value goes beyond: 0 and 1 for shares, 0 for what was never negative, and far from every past extreme.

    Extremes of a day wander. Beyond the farthest one there is room for three times the way from the usual extreme to
    it, on a scale of ratios where all are positive.
    """
    low = [value for value in leasts if not math.isnan(value)]
    high = [value for value in mosts if not math.isnan(value)]
    if not low or not high:
        return None
    usual = _short(float(np.median(high)))
    if min(low) >= 0 and max(high) <= 1:
        return Bound(least=0.0, most=1.0, usual=usual)
    most = _beyond(high)
    least = 0.0 if min(low) >= 0 else -_beyond([-value for value in low])
    return Bound(least=_short(least), most=_short(most), usual=usual)


def _beyond(extremes: Sequence[float]) -> float:
    farthest, usual = max(extremes), float(np.median(extremes))
    if min(extremes) > 0:
        return float(farthest * max(farthest / usual, 1 + _RATIO_FLOOR) ** _WIDE)
    return farthest + _WIDE * max(farthest - usual, _RATIO_FLOOR * abs(farthest), 1e-9)


def _categories(name: str, past: Sequence[PartitionProfile]) -> tuple[str, ...] | None:
    """The words of a column, where the newer half of the days brought nothing of weight that the older had not."""
    half = len(past) // 2
    sides: list[dict[str, float]] = []
    for part in (past[:half], past[half:]):
        shares: dict[str, float] = {}
        for day in part:
            column = day.columns.get(name)
            if column is None or column.distinct > MOST_WORDS or (column.distinct and not column.words):
                return None
            for word, share in column.words:
                shares[word] = max(shares.get(word, 0.0), share)
        sides.append(shares)
    before, after = sides
    new = [share for word, share in after.items() if word not in before]
    if any(share >= _RARE for share in new):
        return None
    return tuple(sorted({*before, *after}))


def _usual(known: Sequence[float]) -> tuple[float, float]:
    usual = float(np.median(known))
    return usual, float(np.median(np.abs(np.asarray(known) - usual)) * _SCALE)


def _short(value: float) -> float:
    return float(f"{value:.6g}")
