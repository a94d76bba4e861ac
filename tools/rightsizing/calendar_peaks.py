"""Peaks that come with the calendar: they lie weeks back when a size is chosen, and count all the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from ..fleets.subjects import Occasion, starts_between
from .use import Floats

_LAST_DAYS, _FIRST_DAYS = 3, 2
"""Of a month, on which books are closed and salaries are paid."""

_TOWERS = 1.2


def calendar_days(first: date, days: int, occasions: Sequence[Occasion], country: str | None) -> list[int]:
    """Places of the days around a turn of the month, and of the peaks of a calendar that concern a country."""
    every = [first + timedelta(days=place) for place in range(days)]
    found = {place for place, day in enumerate(every) if _is_turn_of_month(day)}
    for one in occasions:
        if one.kind != "peak" or not (one.country in (None, country) or country is None):
            continue
        length = (one.last - one.first).days
        for start in starts_between(one, every[0], every[-1]):
            begin = (start - first).days
            found |= set(range(max(begin, 0), min(begin + length + 1, days)))
    return sorted(found)


def peak_on(most: Floats, days: Sequence[int]) -> float:
    """The largest daily maximum of some days; 0 if none was measured."""
    values = most[list(days)]
    values = values[np.isfinite(values)]
    return float(values.max()) if len(values) else 0.0


def is_driven(most: Floats, days: Sequence[int]) -> bool:
    """Whether the peaks of the calendar tower over all other days, so that the usual week says nothing of them."""
    others = np.delete(most, list(days))
    others = others[np.isfinite(others)]
    return len(others) > 0 and peak_on(most, days) > _TOWERS * float(others.max())


def _is_turn_of_month(day: date) -> bool:
    return day.day <= _FIRST_DAYS or (day + timedelta(days=_LAST_DAYS)).month != day.month
