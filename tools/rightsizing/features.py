"""What is known of a workload on a day, as numbers that say the same of a small workload and of a large one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .use import Floats, Use

WINDOWS = (7, 14, 28)
_LEVELS = (0.5, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)
UNIT = {"cpu": 0.02, "memory": 2.0**28}
"""About the smallest size worth having; below a twentieth of it, differences are noise."""
_DAYS = 28


@dataclass(frozen=True)
class Known:
    """What is known on one day.

    Args:
        anchor: natural logarithm of the size that odds are told around, (V,).
        columns: (V, F): logarithms of quantiles over the anchor, and how they varied.
        strata: (V, K): the columns that split a fleet into kinds of behaviour on their own.
    """

    anchor: Floats
    columns: Floats
    strata: Floats


def known(use: Use, day: int) -> Known:
    """What the days before a day tell. Windows that begin before the history are shorter."""
    low = UNIT[use.resource] / 20
    windows = {
        length: _log(use.quantiles(_LEVELS, day - length, day), low) for length in (_FEWER if day < 14 else WINDOWS)
    }
    windows = {length: windows.get(length, windows[7]) for length in WINDOWS}
    daily = {
        "most": _log(use.most, low)[:, max(day - _DAYS, 0) : day],
        "p99": _log(use.daily(0.99), low)[:, max(day - _DAYS, 0) : day],
        "p95": _log(use.daily(0.95), low)[:, max(day - _DAYS, 0) : day],
    }
    tops = {name: _tops(values) for name, values in daily.items()}
    if use.resource == "cpu":
        anchor = windows[14][:, _LEVELS.index(0.995)]
    else:
        # The second highest daily maximum of two weeks and the third of four: one odd day does not decide.
        anchor = (_tops(daily["most"][:, -14:])[:, 1] + tops["most"][:, 2]) / 2
    return _assembled(use, day, anchor, windows, daily, tops)


_FEWER = (7,)


def _assembled(
    use: Use,
    day: int,
    anchor: Floats,
    windows: dict[int, Floats],
    daily: dict[str, Floats],
    tops: dict[str, Floats],
) -> Known:
    unit = np.log(UNIT[use.resource])
    size = _log(size_on(use, day), UNIT[use.resource] / 20)
    columns = [anchor - unit, anchor - size, size - unit]
    columns += [one - anchor for length in WINDOWS for one in windows[length].T]
    columns += [tops[name][:, rank] - anchor for name in tops for rank in (1, 2, 3, 5)]
    spreads, weekly = {}, {}
    with np.errstate(invalid="ignore", divide="ignore"):
        for name, values in daily.items():
            spreads[name] = _spread(values)
            columns += [spreads[name], _spread(values[:, -14:]), values[:, -1] - anchor]
            columns += [_mean(values[:, -7:]) - _mean(values[:, -14:-7]), _rhythm(values)]
        for name in ("most", "p99"):
            weeks = [np.fmax.reduce(one, axis=1) for one in _weeks(daily[name])]
            weekly[name] = _spread(np.stack(weeks, axis=1))
            columns += [weekly[name], np.fmax.reduce(weeks) - anchor, np.fmin.reduce(weeks) - anchor]
    most_of = "most" if use.resource == "memory" else "p99"
    strata = [
        anchor - unit,
        spreads[most_of],
        weekly[most_of],
        windows[14][:, _LEVELS.index(0.99)] - anchor,
        windows[28][:, _LEVELS.index(0.95)] - anchor,
        _spread(daily[most_of][:, -14:]),
    ]
    return Known(np.nan_to_num(anchor), _filled(columns), _filled(strata))


def size_on(use: Use, day: int) -> Floats:
    """What was reserved when a day began: the last that is known of the week before, (V,)."""
    found = np.full(len(use.names), np.nan)
    for place in range(max(day - 7, 0), day):
        found = np.where(np.isfinite(use.sizes[:, place]), use.sizes[:, place], found)
    return found


def _filled(columns: list[Floats]) -> Floats:
    return np.nan_to_num(np.stack(columns, axis=1), nan=0.0, posinf=0.0, neginf=0.0)


def _log(values: Floats, low: float) -> Floats:
    return np.asarray(np.log(np.maximum(values, low)), np.float64)


def _tops(values: Floats) -> Floats:
    """The days in order of size, largest first, at least six; what is not there repeats the smallest."""
    ordered = -np.sort(-values, axis=1)
    n = np.maximum(np.isfinite(values).sum(axis=1), 1)
    place = np.minimum(np.arange(6)[None, :], n[:, None] - 1)
    return np.take_along_axis(ordered, place, axis=1)


def _weeks(values: Floats) -> list[Floats]:
    n = values.shape[1]
    return [values[:, max(n - 7 * (back + 1), 0) : n - 7 * back] for back in range(4) if n - 7 * back > 0]


def _mean(values: Floats) -> Floats:
    n = np.isfinite(values).sum(axis=1)
    return np.where(n > 0, np.nansum(values, axis=1) / np.maximum(n, 1), np.nan)


def _spread(values: Floats) -> Floats:
    """Standard deviation over what is there."""
    return np.sqrt(_mean((values - _mean(values)[:, None]) ** 2))


def _rhythm(values: Floats) -> Floats:
    """How far a day resembles the one a week before: autocorrelation at seven days."""
    rest = values - _mean(values)[:, None]
    return np.asarray(_mean(rest[:, 7:] * rest[:, :-7]) / (_mean(rest**2) + 1e-4), np.float64)
