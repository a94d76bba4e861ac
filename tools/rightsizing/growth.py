"""Memory that only grows: a leak must not be rewarded with a size that fits its youth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .use import Use

RISING = 0.8
"""Share of days, within one life, whose typical use lies above that of the day before."""
LEAST_RISE = 0.2
"""Rise of the typical day within one life, over what it began at, below which it is no leak worth naming."""
_DAYS = 28
_FALL = 0.7
"""A day whose typical use is below this share of the day before begins a new life: something was restarted."""


def grows(use: Use) -> npt.NDArray[np.bool_]:
    """Which workloads grow from day to day within each life, (V,); never for CPU."""
    found = np.zeros(len(use.names), np.bool_)
    if use.resource != "memory" or use.days < 7:
        return found
    typical = use.daily(0.5)[:, -_DAYS:]
    for row in range(len(typical)):
        found[row] = _is_growing(typical[row][np.isfinite(typical[row])])
    return found


def _is_growing(days: npt.NDArray[np.float64]) -> bool:
    if len(days) < 7 or days[0] <= 0:
        return False
    steps = days[1:] / np.maximum(days[:-1], 1e-9)
    same_life = steps >= _FALL
    if same_life.sum() < 5:
        return False
    rising = float((steps[same_life] > 1).mean())
    lives = np.split(days, np.flatnonzero(~same_life) + 1)
    rises = [float(life[-1] / life[0]) - 1 for life in lives if len(life) >= 3 and life[0] > 0]
    return rising >= RISING and bool(rises) and float(np.median(rises)) >= LEAST_RISE
