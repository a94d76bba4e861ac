"""How strongly each look speaks for harm, and for its absence: log likelihood ratios that may be watched all the time.

A look is a stretch of time (a minute) with counts of both sides. For every look two numbers come out, added up over the
looks: the evidence that the canary is worse by the margin rather than equal, and the evidence that it is equal rather
than worse by the margin or more. With independent requests the exponential of either is, under what it speaks against,
a non-negative supermartingale: by Ville's inequality it ever exceeds 1/a with probability a at most, however often
one looks.

Sources: rates after Turner, Ly and Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for
optional stopping", Journal of Statistical Planning and Inference 230, 2024: exact for any counts, and for a common
rate that moves with the time of the day. Means are the normal case, so right for looks of many requests. Paired
comparisons are the sign test of the same kind (Wald, "Sequential analysis", 1947).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_LEAST = 1e-9
_HALVINGS = 45
"""Of the interval in which a root is sought: as exact as a float."""


@dataclass(frozen=True)
class Counts:
    """Events among trials of one side, look by look: (..., T); trials of 0 or NaN where the look is missing."""

    events: Floats
    trials: Floats


@dataclass(frozen=True)
class Sums:
    """Values of one side, look by look: (..., T) how many, their sum, and the sum of their squares."""

    n: Floats
    total: Floats
    squares: Floats


@dataclass(frozen=True)
class Evidence:
    """What the looks say so far: every array is (..., T), and entry t knows the looks up to t alone.

    Args:
        harm: log evidence that the canary is worse by the margin rather than equal.
        no_harm: log evidence that it is equal rather than worse by the margin or more.
        step: standard deviation of what one look adds, if looks are independent.
        sides: per side the values of the looks and the variances that independent requests would give them; NaN where
            a look is missing.
        difference: canary minus champion, over all looks so far.
        variance: of `difference`, if requests are independent.
        margin: the difference that counts as harm.
        seen: whether the look has both sides.
    """

    harm: Floats
    no_harm: Floats
    step: Floats
    sides: tuple[tuple[Floats, Floats], ...]
    difference: Floats
    variance: Floats
    margin: Floats
    seen: npt.NDArray[np.bool_]


def of_rates(
    champion: Counts, canary: Counts, margin: float, *, is_relative: bool = False, usual: float | None = None
) -> Evidence:
    """Evidence on rates of events of which more is worse.

    Args:
        champion: what answers today.
        canary: what may follow it.
        margin: the smallest rise that counts as harm, in events per trial; > 0.
        is_relative: the margin is a share of the rate so far.
        usual: the champion's rate before the rollout, if it is known; without it the first look only teaches the rate.
    """
    seen = _both(champion.trials, canary.trials)
    n_a, n_b = np.where(seen, champion.trials, 0.0), np.where(seen, canary.trials, 0.0)
    y_a, y_b = np.where(seen, champion.events, 0.0), np.where(seen, canary.events, 0.0)
    sum_a, sum_b = np.cumsum(n_a, -1), np.cumsum(n_b, -1)
    before = _before(_ratio(np.cumsum(y_a + y_b, -1), sum_a + sum_b), usual)
    delta = np.clip(margin * before if is_relative else np.full_like(before, margin), _LEAST, 0.999)
    weight = _ratio(n_b, n_a + n_b)
    pooled = np.clip(before, delta * weight + _LEAST, 1 - delta * (1 - weight) - _LEAST)
    low, high = pooled - delta * weight, pooled + delta * (1 - weight)
    harm = _likelihood(y_a, n_a, low, pooled) + _likelihood(y_b, n_b, high, pooled)
    lowest = _nearest_harm(pooled, delta, n_a, n_b)
    no_harm = _likelihood(y_a, n_a, pooled, lowest) + _likelihood(y_b, n_b, pooled, lowest + delta)
    known = seen & np.isfinite(before)
    spread = _ratio(pooled * (1 - pooled) * (n_a + n_b), n_a * n_b)
    rate_a, rate_b = _ratio(np.cumsum(y_a, -1), sum_a), _ratio(np.cumsum(y_b, -1), sum_b)
    now = _ratio(np.cumsum(y_a + y_b, -1), sum_a + sum_b)
    return Evidence(
        harm=np.cumsum(np.where(known, harm, 0.0), -1),
        no_harm=np.cumsum(np.where(known, no_harm, 0.0), -1),
        step=np.sqrt(np.where(known, _ratio(delta**2, spread), 0.0)),
        sides=(_rate_side(y_a, n_a, seen), _rate_side(y_b, n_b, seen)),
        difference=rate_b - rate_a,
        variance=now * (1 - now) * (_ratio(np.ones_like(sum_a), sum_a) + _ratio(np.ones_like(sum_b), sum_b)),
        margin=np.where(np.isfinite(now), margin * rate_a if is_relative else margin, np.nan),
        seen=seen,
    )


def of_means(champion: Sums, canary: Sums, margin: float, *, is_relative: bool = False) -> Evidence:
    """Evidence on means of values of which more is worse.

    Args:
        champion: what answers today.
        canary: what may follow it.
        margin: the smallest rise of the mean that counts as harm, in the unit of the values; > 0.
        is_relative: the margin is a share of the champion's mean so far.
    """
    seen = _both(champion.n, canary.n)
    means, variances = [], []
    for side in (champion, canary):
        n = np.cumsum(np.where(seen, side.n, 0.0), -1)
        mean = _ratio(np.cumsum(np.where(seen, side.total, 0.0), -1), n)
        square = _ratio(np.cumsum(np.where(seen, side.squares, 0.0), -1), n)
        means.append((mean, n))
        variances.append(np.maximum(square - mean**2, 0.0))
    (mean_a, count_a), (mean_b, count_b) = means
    n_a, n_b = np.where(seen, champion.n, np.nan), np.where(seen, canary.n, np.nan)
    x_a, x_b = champion.total / np.where(seen, n_a, 1.0), canary.total / np.where(seen, n_b, 1.0)
    delta = np.abs(margin * mean_a) if is_relative else np.full_like(mean_a, margin)
    # The spread so far stands for every look so far: only the last column of the sums is new.
    weight = np.where(seen, _ratio(n_a * n_b, n_a + n_b), 0.0)
    gap = np.where(seen, x_b - x_a, 0.0)
    pooled = _ratio(variances[0] * count_a + variances[1] * count_b, count_a + count_b)
    total, weighted = np.cumsum(weight, -1), np.cumsum(weight * gap, -1)
    harm = _ratio(delta * weighted - delta**2 / 2 * total, pooled)
    no_harm = _ratio(delta**2 / 2 * total - delta * weighted, pooled)
    sides = tuple(
        (np.where(seen, x, np.nan), np.where(seen, variance / n, np.nan))
        for x, variance, n in ((x_a, variances[0], n_a), (x_b, variances[1], n_b))
    )
    return Evidence(
        harm=np.nan_to_num(harm),
        no_harm=np.nan_to_num(no_harm),
        step=np.nan_to_num(np.sqrt(_ratio(delta**2 * weight, pooled))),
        sides=sides,
        difference=mean_b - mean_a,
        variance=_ratio(variances[0], count_a) + _ratio(variances[1], count_b),
        margin=delta,
        seen=seen,
    )


def of_wins(champion: Floats, canary: Floats, margin: float) -> Evidence:
    """Evidence of a paired comparison: requests that both sides answered, of which one side answered better.

    In a shadow or interleaved rollout every request is its own control; those on which both do as well say nothing.

    Args:
        champion: (..., T) pairs that the champion won.
        canary: (..., T) pairs that the canary won.
        margin: how far the champion's share of the decided pairs is above one half where there is harm; in (0, 0.5).
    """
    seen = np.isfinite(champion) & np.isfinite(canary) & (champion + canary > 0)
    lost, won = np.where(seen, champion, 0.0), np.where(seen, canary, 0.0)
    pairs = lost + won
    delta = np.full_like(pairs, np.clip(margin, _LEAST, 0.499))
    half = np.full_like(pairs, 0.5)
    log = _likelihood(lost, pairs, half + delta, half)
    total = np.cumsum(pairs, -1)
    return Evidence(
        harm=np.cumsum(log, -1),
        no_harm=np.cumsum(-log, -1),
        step=np.sqrt(pairs * delta**2 * 4),
        sides=((np.where(seen, _ratio(lost, pairs), np.nan), np.where(seen, _ratio(half / 2, pairs), np.nan)),),
        difference=_ratio(np.cumsum(lost, -1), total) - 0.5,
        variance=_ratio(half / 2, total),
        margin=delta,
        seen=seen,
    )


def _likelihood(events: Floats, trials: Floats, chosen: Floats, against: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = events * np.log(chosen / against) + (trials - events) * np.log((1 - chosen) / (1 - against))
    return np.where(trials > 0, found, 0.0)


def _nearest_harm(pooled: Floats, delta: Floats, n_a: Floats, n_b: Floats) -> Floats:
    """The champion's rate in that pair of rates `delta` apart which is hardest to tell from two equal ones."""
    low = np.maximum(pooled - delta, _LEAST)
    high = np.maximum(np.minimum(pooled, 1 - delta - _LEAST), low)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            other = middle + delta
            slope = n_a * (middle - pooled) / (middle * (1 - middle)) + n_b * (other - pooled) / (other * (1 - other))
            low, high = np.where(slope < 0, middle, low), np.where(slope < 0, high, middle)
    return (low + high) / 2


def _rate_side(events: Floats, trials: Floats, seen: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    rate = _ratio(np.cumsum(events, -1), np.cumsum(trials, -1))
    value, variance = _ratio(events, trials), _ratio(rate * (1 - rate), trials)
    return np.where(seen, value, np.nan), np.where(seen, variance, np.nan)


def _before(running: Floats, usual: float | None) -> Floats:
    first = np.full((*running.shape[:-1], 1), np.nan if usual is None else usual)
    return np.concatenate([first, running[..., :-1]], -1)


def _both(n_a: Floats, n_b: Floats) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.isfinite(n_a) & np.isfinite(n_b) & (n_a > 0) & (n_b > 0)
    return found


def _ratio(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)
