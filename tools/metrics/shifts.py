"""How far series moved from their own past, without a unit.

The score of a series is the number of standard deviations at which a normally distributed value would be as surprising
as this move is for this series: 3 and more stands out for a single one. It is made in three steps.

1. *Move*: the median of the window, of one of its halves, or one of its outer deciles, less the median of the quiet
   time. Halves and deciles count less, so a spike is weaker evidence than a new level, and a window that opens too
   early does not hide what follows.
2. *Usual wobble*: the largest of several measures of how far the series strays when it is quiet. A series that drifts,
   swings or bursts by itself is never measured by its calmest moments.
3. *Surprise*: move over wobble as Student's t, with as many degrees of freedom as there are quiet samples, at most
   `TAIL_FREEDOM`, since real series have heavier tails than the normal law; then turned into a normal deviate.

A series that is (nearly) constant has no wobble. For it the only thing known is how often a sample like those of the
window came in the quiet time; the score then follows from the rule of succession, and grows with the number of quiet
samples and with the share of the window that is out of the ordinary.

All of this is the same for a series times any positive number.

Sources: robust location and scale after Rousseeuw and Croux, "Alternatives to the median absolute deviation", JASA
1993; median and IQR before against the time after a fault is the idea of BARO (Pham et al., FSE 2024); t to normal
after Wallace, "Bounds on normal approximations to Student's and the chi-square distributions", Annals of Mathematical
Statistics 1959; the tail of the binomial after Chernoff 1952.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .expected import without_rhythm
from .padded import Places, Sides, batches, laid_out, last_of, medians, places_before, quantiles
from .series import Floats, SeriesSet, Times

MIN_BASELINE = 4
"""Fewer samples than this tell nothing about a series' usual wobble."""

TAIL_FREEDOM = 12
"""Degrees of freedom of the tails, at most: Student's t with so many is the usual model of moderately heavy tails."""

GUARD_US = 180_000_000
"""The end of the quiet time that is not trusted: nobody knows the start of an incident to the minute."""
_GUARD_SHARE = 1 / 6
_BLOCKS = 12
_FEWEST_BLOCKS = 4
_RELATIVE_FLOOR = 0.02
"""Two per cent of the usual level: below that a change is not worth a person's time, however regular the series."""
_BOUND_FLOOR = 0.001
"""The same for a share that is usually whole (an availability of 100 %): there the level says nothing of the wobble."""
_ROUNDING = 1e-9
_STANDS_OUT = 3.0
_SPIKE, _HALF = 0.5, 0.8
_HALVED = 4
"""Fewer samples are not cut in half."""
_EFFECTIVE_SAMPLES = 12
"""Neighbouring samples resemble each other, so a window counts as no more than so many independent ones."""


@dataclass(frozen=True)
class Shifts:
    """The moves of n series; arrays of length n. NaN, and 0 for `onset_us`, where nothing could be compared.

    Args:
        score: >= 0, in normal standard deviations.
        is_up: where each went.
        before: the median of the quiet time, or what its rhythm or trend let expect.
        after: the level in the window that differs most.
        onset_us: the first sample from which it stays outside its usual range; 0 if it never does.
        samples: in the window.
        low, middle, high: quartiles of the window; NaN without samples in it.
        first_us: the first sample of all; 0 without any.
    """

    score: Floats
    is_up: npt.NDArray[np.bool_]
    before: Floats
    after: Floats
    onset_us: Times
    samples: Places
    low: Floats
    middle: Floats
    high: Floats
    first_us: Times


def measure(
    found: SeriesSet, start_us: int, end_us: int, quiet_end_us: int, may_be_whole: npt.NDArray[np.bool_] | None = None
) -> Shifts:
    """Compare the window `[start_us, end_us)` of every series with its samples before `quiet_end_us`.

    Args:
        found: gauges and rates; counters must have been turned into rates.
        start_us: where the window starts. It need not be exact: the last minutes of the quiet time are left out.
        end_us: where it ends.
        quiet_end_us: where the quiet time ends, at or before the start.
        may_be_whole: (n,) series that are shares of something good, like an availability.
    """
    count = len(found)
    whole = np.zeros(count, np.bool_) if may_be_whole is None else may_be_whole
    if not len(found.times_us):
        return _nothing(count)
    sides = _sides(found, start_us, end_us, quiet_end_us)
    shifts = _nothing(count)
    sizes = sides.end - sides.start
    shifts.samples[:] = sizes
    held = np.flatnonzero(sides.end > sides.first)
    shifts.first_us[held] = found.times_us[sides.first[held]]
    usable = np.flatnonzero(sizes > 0)
    quiet = sides.quiet_end - sides.first
    for batch in batches(np.maximum(quiet[usable], 1), sizes[usable]):
        rows = usable[batch]
        _measure_rows(found, sides.of(rows), rows, whole[rows], shifts)
    return shifts


def _nothing(count: int) -> Shifts:
    score, before, after, low, middle, high = (np.full(count, np.nan) for _ in range(6))
    onset_us, samples, first_us = (np.zeros(count, np.int64) for _ in range(3))
    up = np.ones(count, np.bool_)
    return Shifts(score, up, before, after, onset_us, samples, low, middle, high, first_us)


def _sides(found: SeriesSet, start_us: int, end_us: int, quiet_end_us: int) -> Sides:
    first = found.bounds[:-1].astype(np.int64)
    start, end = places_before(found, start_us), places_before(found, end_us)
    quiet_end = np.minimum(places_before(found, quiet_end_us), start)
    sizes = quiet_end - first
    earliest = found.times_us[np.minimum(first, len(found.times_us) - 1)]
    length = np.where(sizes > 0, np.maximum(quiet_end_us - earliest, 0), 0)
    # Only where the guard is a small part of the quiet time is there enough left without it.
    guard = np.minimum(GUARD_US, length * _GUARD_SHARE)
    trusted = places_before(found, np.minimum(quiet_end_us, start_us - guard))
    enough = trusted - first >= np.maximum(MIN_BASELINE, (1 - 2 * _GUARD_SHARE) * sizes)
    cut = np.where(enough, np.minimum(trusted, quiet_end), quiet_end)
    return Sides(first, cut, np.minimum(cut, start), start, end)


def _measure_rows(found: SeriesSet, sides: Sides, rows: Places, whole: npt.NDArray[np.bool_], shifts: Shifts) -> None:
    seen = laid_out(found.values, sides.start, sides.end, right=False)
    shifts.low[rows], shifts.middle[rows], shifts.high[rows] = quantiles(seen, (0.25, 0.5, 0.75))
    enough = np.flatnonzero(sides.quiet_end - sides.first >= MIN_BASELINE)
    if not len(enough):
        return
    rows, sides = rows[enough], sides.of(enough)
    quiet = laid_out(found.values, sides.first, sides.quiet_end, right=True)
    near = laid_out(found.values, sides.near, sides.end, right=False)
    # One size for all: nothing below can overflow, and no unit can matter.
    size = np.maximum(np.nanmax(np.abs(quiet), axis=1), np.nanmax(np.abs(near), axis=1))
    size = np.where(size > 0, size, 1.0)
    quiet, near = quiet / size[:, None], near / size[:, None]
    recorded = near
    quiet, near = without_rhythm(found.times_us, sides, quiet, near)
    before = medians(quiet)
    offset = sides.start - sides.near
    window = np.where(np.arange(near.shape[1]) >= offset[:, None], near, np.nan)
    plain = before + medians(recorded - window)  # what was to be expected at this time
    scale = _scale(quiet, before, sides, whole[enough])
    move, weight = _largest_move(near, window, before)
    score = _surprise(quiet, window, before, move, weight, scale)
    shifts.score[rows] = score
    shifts.is_up[rows] = move >= 0
    shifts.before[rows] = plain * size
    shifts.after[rows] = np.clip(plain + move, -1.0, 1.0) * size
    shifts.onset_us[rows] = _onsets(found.times_us, sides.near, near - before[:, None], scale, move >= 0)


def _scale(quiet: Floats, middle: Floats, sides: Sides, whole: npt.NDArray[np.bool_]) -> Floats:
    """The usual wobble of each row; 0 for a row that is constant at zero."""
    low, high, most = quantiles(quiet, (0.25, 0.75, 1.0))
    away = np.abs(quiet - middle[:, None])
    sizes = sides.quiet_end - sides.first
    # The last sixth knows of a series that was on its way already.
    last = medians(last_of(quiet, np.maximum(sizes // 6, 1), np.zeros_like(sizes)))
    bounded = whole & (middle >= most)
    parts = (
        (high - low) / 1.349,
        medians(away) * 1.4826,
        np.nanstd(quiet, axis=1) * 0.5,  # it alone knows of rare bursts when the others are zero
        _block_wobble(quiet, middle, sizes, sides.end - sides.start),
        np.nan_to_num(np.abs(last - middle)),
        np.abs(middle) * np.where(bounded, _BOUND_FLOOR, _RELATIVE_FLOOR),
    )
    largest: Floats = np.max(np.stack(parts), axis=0)
    return largest


def _block_wobble(quiet: Floats, middle: Floats, sizes: Places, window: Places) -> Floats:
    """How far the medians of quiet blocks lie from the overall median: their 75th percentile over its normal value.

    Blocks are as long as the window, and there are twelve or more. They are counted in each row by itself: what stands
    beside it must not matter.
    """
    found = np.zeros(len(quiet))
    size = np.minimum(window, np.maximum(sizes // _BLOCKS, 1))
    cuts, kinds = np.unique(np.stack([size, sizes // size]), axis=1, return_inverse=True)
    for kind, (length, count) in enumerate(cuts.T.tolist()):
        if length < 2 or count < _FEWEST_BLOCKS:
            continue
        rows = np.flatnonzero(kinds == kind)
        cut = quiet[rows, quiet.shape[1] - count * length :].reshape(len(rows) * count, length)
        levels = medians(cut).reshape(len(rows), count)
        found[rows] = np.nan_to_num(quantiles(np.abs(levels - middle[rows, None]), (0.75,))[0] / 1.15)
    return found


def _largest_move(near: Floats, window: Floats, before: Floats) -> tuple[Floats, Floats]:
    """The move that tells most, and its weight.

    The later half is that of the window and what lies right before it, so that a start that was told too early or too
    late leaves about the same samples in it.
    """
    low, middle, high = quantiles(window, (0.1, 0.5, 0.9))
    levels = [(middle, 1.0), (high, _SPIKE), (low, _SPIKE)]
    for part, is_late in ((window, False), (near, True)):
        seen = ~np.isnan(part)
        sizes = seen.sum(axis=1)
        late = np.cumsum(seen, axis=1) > (sizes // 2)[:, None]
        half = medians(np.where(late == is_late, part, np.nan))
        levels.append((np.where(sizes >= _HALVED, half, middle), _HALF))
    moves = np.stack([level - before for level, _ in levels])
    weights = np.array([weight for _, weight in levels])
    best = np.argmax(np.nan_to_num(np.abs(moves) * weights[:, None]), axis=0)
    return np.take_along_axis(moves, best[None], axis=0)[0], weights[best]


def _surprise(quiet: Floats, window: Floats, before: Floats, move: Floats, weight: Floats, scale: Floats) -> Floats:
    sizes = np.sum(~np.isnan(quiet), axis=1)
    freedom = np.clip(sizes - 1, 1, TAIL_FREEDOM).astype(np.float64)
    wide = np.maximum(scale, _ROUNDING) * np.sqrt(1 + 1 / sizes)
    lengths = np.sum(~np.isnan(window), axis=1)
    # One sample is half a level: it may as well be a slip of the measurement.
    score = normal_deviate(np.abs(move) * weight / wide * lengths / (lengths + 1), freedom)
    # Half of the quiet samples are the same value: how far the others lie says little about how often they come.
    held = np.sum(np.abs(quiet - before[:, None]) <= _ROUNDING, axis=1)
    rare = _rarity(quiet, window, before, move)
    return np.where(2 * held >= sizes, np.minimum(score, rare), score)


def normal_deviate(t: Floats, freedom: Floats) -> Floats:
    """The normal deviate as far out as `t` of Student's law, within two per cent (Wallace 1959)."""
    factor = (8 * freedom + 1) / (8 * freedom + 3)
    found: Floats = factor * np.sqrt(freedom * np.log1p(t * t / freedom))
    return found


def _rarity(quiet: Floats, window: Floats, before: Floats, move: Floats) -> Floats:
    """How surprising it is that so many samples of the window lie so far out, by how often quiet ones did."""
    side = np.where(move >= 0, 1.0, -1.0)[:, None]
    bar = (np.abs(move) / 2)[:, None]
    with np.errstate(invalid="ignore"):
        often = np.sum((quiet - before[:, None]) * side >= bar, axis=1)
        now = np.sum((window - before[:, None]) * side >= bar, axis=1)
    sizes, lengths = np.sum(~np.isnan(quiet), axis=1), np.sum(~np.isnan(window), axis=1)
    usual, share = (often + 1) / (sizes + 2), now / np.maximum(lengths, 1)
    gain = _times_log(share, share / usual) + _times_log(1 - share, (1 - share) / (1 - usual))
    effective = np.minimum(lengths, _EFFECTIVE_SAMPLES)
    found: Floats = np.where(share > usual, np.sqrt(2 * effective * np.maximum(gain, 0)), 0.0)
    return found


def _times_log(weight: Floats, ratio: Floats) -> Floats:
    logged: Floats = weight * np.log(np.where(weight > 0, ratio, 1.0))
    return logged


def _onsets(times_us: Times, first: Places, moves: Floats, scale: Floats, up: npt.NDArray[np.bool_]) -> Times:
    """The first of two neighbouring samples outside, or the first at all if none are neighbours; 0 for none."""
    bar = _STANDS_OUT * np.maximum(scale, _ROUNDING)
    with np.errstate(invalid="ignore"):
        outside = moves * np.where(up, 1.0, -1.0)[:, None] > bar[:, None]
    pairs = outside[:, :-1] & outside[:, 1:]
    has_pair = pairs.any(axis=1)
    place = outside.argmax(axis=1)
    if pairs.shape[1]:
        place = np.where(has_pair, pairs.argmax(axis=1), place)
    onset: Times = np.where(outside.any(axis=1), times_us[np.minimum(first + place, len(times_us) - 1)], 0)
    return onset
