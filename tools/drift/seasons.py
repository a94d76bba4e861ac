"""A short window is compared with the same hours of the week: nights are not days, and weekends are not weeks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .performance import LEAST_ROWS
from .rows import Codes, ScoredRows

_WEEK_H = 168
_HOUR_US = 3_600_000_000
_SHORT = 120
"""Hours of the week below which a window is no cross-section of one."""
_LEAST_TIMES = 10


def at_same_hours(reference: ScoredRows, window: ScoredRows) -> ScoredRows:
    """The part of a reference at the hours of the week that a window has.

    The whole reference where the window is long, where nobody knows the times, or where too little would be left.
    """
    if reference.times_us is None or window.times_us is None or not len(window.times_us):
        return reference
    wanted = np.zeros(_WEEK_H, bool)
    wanted[_hours(window.times_us)] = True
    chosen = wanted[_hours(reference.times_us)]
    if wanted.sum() >= _SHORT or chosen.sum() < LEAST_ROWS * _LEAST_TIMES or chosen.all():
        return reference
    return _only(reference, chosen)


def _hours(times_us: Codes) -> Codes:
    return (times_us // _HOUR_US) % _WEEK_H


def _only(rows: ScoredRows, chosen: npt.NDArray[np.bool_]) -> ScoredRows:
    mask = chosen.tolist()
    return ScoredRows(
        {name: column.filter(mask) for name, column in rows.features.items()},
        None if rows.scores is None else rows.scores[chosen],
        None if rows.labels is None else rows.labels[chosen],
        {name: column.filter(mask) for name, column in rows.segments.items()},
        None if rows.times_us is None else rows.times_us[chosen],
    )
