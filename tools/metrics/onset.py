"""When the incident began, by what many series say together: the given start is one person's guess.

For every moment near the given start it is asked how much better the series fit if all of them left their usual level
at that moment for the level they have from then on. The best moment is the beginning. Residuals are bounded at three
wobbles, so neither a spike nor a single series decides, and a series counts only where its two levels lie three wobbles
apart. The samples that are looked at, and so the answer, are the same whichever of the moments was given as the start.

Where nothing moved, or the best moment lies at the edge of what is looked at, the given start stays: then nobody knows
better than who gave it.

Source: least squares of one common break in many short series, after Bai, "Common breaks in means and variances for
panel data", Journal of Econometrics 157 (2010), which grows exact with the number of series, however few samples each
has. Bounded residuals are after Huber; medians for means, and bounds in wobbles, are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .padded import Places, batches, laid_out, medians, places_before, quantiles
from .series import Floats, SeriesSet, Times
from .shifts import GUARD_US, MIN_BASELINE

REACH_US = GUARD_US
"""How far before the given start is looked."""
_LATEST_US = REACH_US + 120_000_000
"""How far after it: metrics show what has begun a minute or two later."""
_BUCKET_US = 15_000_000
"""Moments closer than this are one: no start needs to be known better."""
_RECENT = 60
"""So many samples of the quiet time tell the usual level: what a day's rhythm did hours ago is no beginning."""
_MOVED = 3.0
_BOUND = _MOVED**2
_LEAST = 2
"""One sample is no level."""
_TOGETHER = 2
_BY_CHANCE = 0.02
"""One series in fifty is out of order before anything is known, as where suspects are weighed."""
_FLOOR = 0.02
"""Two per cent of the level are the smallest wobble, as where shifts are measured."""


@dataclass(frozen=True)
class Onset:
    """When it began.

    Args:
        at_us: the beginning, or the given start where nothing is known better.
        series: how many left their usual level then; 0 where nothing is known better.
    """

    at_us: int
    series: int


def common_onset(found: SeriesSet, start_us: int, end_us: int) -> Onset:
    """The common beginning, at most three minutes before the given start and five after it.

    Between two samples nobody saw it begin: it is taken to have begun right after the last one without it.

    Args:
        found: gauges and rates; samples of the quiet time and of the window.
        start_us: the given start.
        end_us: the end of the window.
    """
    moments = _moments(found.times_us, start_us, end_us)
    if len(moments) < 2:
        return Onset(start_us, 0)
    gains, series = _gains(found, moments, start_us, end_us)
    place = int(np.argmax(gains))
    is_common = series[place] >= _TOGETHER and series[place] > len(found) * _BY_CHANCE
    if not is_common or place in (0, len(moments) - 1):
        return Onset(start_us, 0)
    return Onset(int(moments[place - 1]) + 1, int(series[place]))


def _moments(times_us: Times, start_us: int, end_us: int) -> Times:
    """The first sample of every quarter of a minute within reach."""
    latest = min(start_us + _LATEST_US, end_us)
    near = np.unique(times_us[(times_us >= start_us - REACH_US) & (times_us < latest)])
    buckets = near // _BUCKET_US
    moments: Times = near[np.concatenate([[True], np.diff(buckets) > 0])] if len(near) else near
    return moments


def _gains(found: SeriesSet, moments: Times, start_us: int, end_us: int) -> tuple[Floats, Places]:
    """What a break at each moment explains, and how many series have one there."""
    gains, series = np.zeros(len(moments)), np.zeros(len(moments), np.int64)
    first = found.bounds[:-1].astype(np.int64)
    quiet_end = places_before(found, start_us - _LATEST_US)
    quiet_end = np.where(quiet_end - first < MIN_BASELINE, places_before(found, start_us), quiet_end)
    first = np.maximum(first, quiet_end - _RECENT)
    end = places_before(found, end_us)
    usable = np.flatnonzero((quiet_end - first >= MIN_BASELINE) & (end > quiet_end))
    for batch in batches((quiet_end - first)[usable], (end - quiet_end)[usable]):
        rows = usable[batch]
        near, leaves = _in_wobbles(found, first[rows], quiet_end[rows], end[rows])
        if not leaves.any():
            continue
        times = laid_out(found.times_us.astype(np.float64), quiet_end[rows], end[rows], right=False)[leaves]
        near = near[leaves]
        usual = np.minimum(near**2, _BOUND)
        for place, moment in enumerate(moments.tolist()):
            after = np.where(times >= moment, near, np.nan)
            level = medians(after)[:, None]
            gained = np.nansum(
                np.where(np.isnan(after), np.nan, usual - np.minimum((after - level) ** 2, _BOUND)), axis=1
            )
            counted = (np.abs(level[:, 0]) >= _MOVED) & (np.sum(~np.isnan(after), axis=1) >= _LEAST)
            gains[place] += gained[counted].sum()
            series[place] += counted.sum()
    return gains, series


def _in_wobbles(
    found: SeriesSet, first: Places, quiet_end: Places, end: Places
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The samples after the quiet time in wobbles from the usual level, and which series leave it at all."""
    quiet = laid_out(found.values, first, quiet_end, right=True)
    near = laid_out(found.values, quiet_end, end, right=False)
    # One size for all: nothing below can overflow, and no unit can matter.
    size = np.maximum(np.nanmax(np.abs(quiet), axis=1), np.nanmax(np.abs(near), axis=1))
    size = np.where(size > 0, size, 1.0)[:, None]
    quiet, near = quiet / size, near / size
    level = medians(quiet)
    low, high = quantiles(quiet, (0.25, 0.75))
    wobble = np.maximum.reduce([(high - low) / 1.349, np.nanstd(quiet, axis=1) * 0.5, np.abs(level) * _FLOOR])
    away = near - level[:, None]
    # A series that was constantly zero has no wobble: whatever it does then is far.
    smallest = np.nanmax(np.abs(away), axis=1) / (2 * _MOVED)
    scale = np.where(wobble > 0, wobble, np.where(smallest > 0, smallest, 1.0))
    away = away / scale[:, None]
    with np.errstate(invalid="ignore"):
        leaves = np.sum(np.abs(away) >= _MOVED, axis=1) > 0
    return away, leaves
