"""How far a series moved from its own past, without a unit.

Both windows are cut into blocks of the same number of samples. The blocks of the baseline show how much the level of a
quiet block wanders; the score says how many of those wobbles the incident window lies away. Compared with a plain z of
the samples this needs no unit, is not fooled by a series whose level drifts or swings, and has a floor from five sides,
so that a constant series that moves a little does not win over one that moves a lot.

The robust location and scale (median, median absolute deviation, interquartile range) follow Rousseeuw and Croux,
"Alternatives to the median absolute deviation", JASA 1993; scoring with median and IQR against the time of the fault is
the idea of BARO (Pham et al., FSE 2024). The block wobble and the floor are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from .series import Floats, Times

MIN_BASELINE = 4
"""Fewer samples than this tell nothing about a series' usual wobble."""

_BLOCKS = 12
_RELATIVE_FLOOR = 0.02
"""Two per cent of the usual level: below that a change is not worth a person's time, however regular the series."""
_SCORE_CEILING = 1_000.0


@dataclass(frozen=True)
class SeriesShift:
    """The move of one series.

    Args:
        score: >= 0, wobbles between the windows' levels; capped at 1000.
        direction: where it went.
        before: median of the baseline.
        after: the level in the window that differs most: its median or one of its two outer deciles.
        onset_us: the first sample from which it stays outside its usual range; `None` if it never does.
    """

    score: float
    direction: Literal["up", "down"]
    before: float
    after: float
    onset_us: int | None


def measure(times_us: Times, window: Floats, baseline: Floats) -> SeriesShift | None:
    """Compare a window with a baseline.

    Args:
        times_us: times of the window's samples, ascending.
        window: its values, all finite; at least one.
        baseline: the values before, all finite, in order of time.

    Returns:
        `None` if either side is too short to say anything.
    """
    if len(window) == 0 or len(baseline) < MIN_BASELINE:
        return None
    quartiles = np.quantile(baseline, (0.25, 0.5, 0.75))
    before = float(quartiles[1])
    scale = _scale(baseline, before, float(quartiles[2] - quartiles[0]), len(window))
    if scale <= 0:
        # A baseline of nothing but zeros: any value is infinitely far; the window's own size is the only measure left.
        scale = float(np.max(np.abs(window - before)))
        if scale == 0:
            return SeriesShift(0.0, "up", before, before, None)
        scale /= _ZERO_BASELINE_SCORE
    low, middle, high = (float(value) for value in np.quantile(window, (0.1, 0.5, 0.9)))
    # A deciles' move counts less than the median's: a short spike is weaker evidence than a new level.
    moves = ((middle - before, 1.0), (high - before, 0.5), (low - before, 0.5))
    move, weight = max(moves, key=lambda pair: abs(pair[0]) * pair[1])
    score = min(abs(move) * weight / scale, _SCORE_CEILING)
    direction: Literal["up", "down"] = "up" if move >= 0 else "down"
    return SeriesShift(score, direction, before, before + move, _onset(times_us, window, before, scale, direction))


_ZERO_BASELINE_SCORE = 12.0


def _scale(baseline: Floats, middle: float, iqr: float, block: int) -> float:
    mad = float(np.median(np.abs(baseline - middle)))
    spread = float(np.std(baseline))
    # The standard deviation enters with half its weight: it alone knows of rare bursts when IQR and MAD are zero.
    return max(
        iqr / 1.349,
        mad * 1.4826,
        spread * 0.5,
        _wobble(baseline, middle, block),
        abs(float(np.median(baseline[-max(len(baseline) // 6, 1) :])) - middle),  # it was on its way already
        abs(middle) * _RELATIVE_FLOOR,
    )


def _wobble(baseline: Floats, middle: float, block: int) -> float:
    """How far the medians of quiet blocks lie from the overall median: their 75th percentile over its normal value."""
    size = min(max(block, 1), max(len(baseline) // _BLOCKS, 1))
    count = len(baseline) // size
    if size < 2 or count < 4:
        return 0.0
    medians: npt.NDArray[np.float64] = np.median(baseline[: count * size].reshape(count, size), axis=1)
    return float(np.quantile(np.abs(medians - middle), 0.75)) / 1.15


def _onset(
    times_us: Times, window: Floats, before: float, scale: float, direction: Literal["up", "down"]
) -> int | None:
    outside = (window - before) / scale > 3.0 if direction == "up" else (before - window) / scale > 3.0
    if not outside.any():
        return None
    # The first of two neighbouring samples outside, or the first at all if none are neighbours.
    pairs = np.flatnonzero(outside[:-1] & outside[1:])
    first = int(pairs[0]) if len(pairs) else int(np.argmax(outside))
    return int(times_us[first])
