"""What a series would have done anyway by the hour of the day and by a steady trend.

A series with a daily rhythm is compared with the same hours of earlier days only; a trend is taken out. Both are
believed only where the quiet time itself shows them: these hours must have differed in the same way on the newest day
and before, and all three thirds of a trend must lie on one line.
"""

from __future__ import annotations

import numpy as np

from .padded import Places, Sides, laid_out, last_of, medians
from .series import Floats, Times

DAY_US = 86_400_000_000
MIN_DAYS = 2
_MIN_PER_DAY = 2
_SLOT_US = DAY_US // 96
_FORETOLD = 0.5
"""How far the newest day may lie from the earlier ones, as a share of what sets these hours apart from others."""
_MARGIN_US = DAY_US // 48
"""Hours are compared with half an hour on either side."""
_BENT = 0.25
"""How far the middle third of a trend may lie from the line, as a share of the whole rise."""


def without_rhythm(times_us: Times, sides: Sides, quiet: Floats, window: Floats) -> tuple[Floats, Floats]:
    """The quiet time (rows end together) and what follows (rows begin together), comparable with each other.

    Args:
        times_us: flat times of all samples.
        sides: where the samples of the n series lie.
        quiet: (n, k) values, NaN where a row is shorter.
        window: (n, m) the same from `sides.near` to `sides.end`.
    """
    quiet_us = laid_out(times_us, sides.first, sides.quiet_end, right=True)
    window_us = laid_out(times_us, sides.near, sides.end, right=False)
    spans = times_us[np.maximum(sides.quiet_end - 1, 0)] - times_us[sides.first]
    days = np.flatnonzero(spans >= MIN_DAYS * DAY_US * 0.98)
    if len(days):
        quiet, window = quiet.copy(), window.copy()
        quiet[days], window[days] = _same_hours(quiet[days], window[days], quiet_us[days], window_us[days])
    return _without_trend(quiet, window, quiet_us, window_us, sides.quiet_end - sides.first)


def _same_hours(quiet: Floats, window: Floats, quiet_us: Floats, window_us: Floats) -> tuple[Floats, Floats]:
    """The quiet times without what lies at other hours than the window, where these hours differ every day."""
    first, final = np.nanmin(window_us, axis=1)[:, None], np.nanmax(window_us, axis=1)[:, None]
    since = (quiet_us - (first - _MARGIN_US)) % DAY_US
    kept = np.where(since <= final - first + 2 * _MARGIN_US, quiet, np.nan)
    newest = quiet_us >= np.nanmax(quiet_us, axis=1)[:, None] - DAY_US
    middle = medians(quiet)
    usual = medians(kept) - middle
    last, earlier = medians(np.where(newest, kept, np.nan)), medians(np.where(newest, np.nan, kept))
    spread = medians(np.abs(quiet - middle[:, None]))
    believed = (np.abs(usual) > spread) & (np.abs(last - earlier) <= _FORETOLD * np.abs(usual))
    enough = np.sum(~np.isnan(kept), axis=1) >= MIN_DAYS * _MIN_PER_DAY
    rows = np.flatnonzero(believed & enough)
    quiet, window = quiet.copy(), window.copy()
    now = (window_us[rows] - (first[rows] - _MARGIN_US)) % DAY_US
    quiet[rows], window[rows] = _without_course(kept[rows], window[rows], since[rows], now)
    return quiet, window


def _without_course(quiet: Floats, window: Floats, quiet_since: Floats, window_since: Floats) -> tuple[Floats, Floats]:
    """Take the usual course within these hours out, a quarter of an hour at a time; where few samples lie, nothing."""
    middle = medians(quiet)
    slots, now = quiet_since // _SLOT_US, window_since // _SLOT_US
    quiet, window = quiet.copy(), window.copy()
    for slot in range(int(DAY_US // _SLOT_US)):
        part = np.where(slots == slot, quiet, np.nan)
        if np.isnan(part).all():
            continue
        held = np.sum(~np.isnan(part), axis=1) >= MIN_DAYS * _MIN_PER_DAY
        usual = np.where(held, np.nan_to_num(medians(part) - middle), 0.0)[:, None]
        quiet = np.where(slots == slot, quiet - usual, quiet)
        window = np.where(now == slot, window - usual, window)
    return quiet, window


def _without_trend(
    quiet: Floats, window: Floats, quiet_us: Floats, window_us: Floats, sizes: Places
) -> tuple[Floats, Floats]:
    """Take a straight line out of the rows whose three thirds lie on one, and far apart for their spread."""
    thirds = sizes // 3
    cuts = [(sizes, sizes - thirds), (sizes - thirds, thirds), (thirds, np.zeros_like(thirds))]
    parts = [last_of(quiet, *cut) for cut in cuts]
    levels = [medians(part) for part in parts]
    moments = [medians(last_of(quiet_us, *cut)) for cut in cuts]
    rise = levels[2] - levels[0]
    spreads = [medians(np.abs(part - level[:, None])) for part, level in zip(parts, levels, strict=True)]
    inside = np.max(np.stack(spreads), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = rise / (moments[2] - moments[0])
        bent = np.abs(levels[1] - (levels[0] + slope * (moments[1] - moments[0])))
        steady = (bent <= _BENT * np.abs(rise)) & (np.abs(rise) > 4 * inside) & np.isfinite(slope) & (thirds >= 3)
    taken = np.where(steady, slope, 0.0)[:, None]
    centre = np.nan_to_num(moments[1])[:, None]
    return quiet - np.nan_to_num(taken * (quiet_us - centre)), window - np.nan_to_num(taken * (window_us - centre))
