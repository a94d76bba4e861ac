"""Risks that were told, made ones that come true: learnt week by week from what was told before and what came of it.

Three things part what odds tell from what happens. Sizes are chosen where odds look best, so what is chosen goes wrong
more often than told: a shift and a slope of log-odds. Whole weeks are better or worse than others for all workloads at
once, so a few weeks say little however many workloads they hold: every week has a shift of its own, and the risk of a
week to come is the mean over weeks that may come. And a size that stays as it is can be outgrown too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .odds import chance_of, log_odds
from .use import Floats

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
_PRECISION = (4.0, 10.0)
"""Of the priors: a shift within 1 and a slope within 0.6 of none are likely before anything was seen."""
_WEEKS_DIFFER = 0.7
"""Half-normal prior of how far weeks differ, in log-odds: that one is twice as bad as another is nothing odd."""
_SPREADS = (0.05, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3)
_CENTER_ROWS = 50.0
"""Workload-weeks at the usual risk that decide, with those seen, around which log-odds a slope turns."""
_ROUNDS = 40
_DRAWS = 2_000


@dataclass(frozen=True)
class Belief:
    """What shift and slope may be, if weeks differ so much.

    Args:
        weight: how likely that is.
        shift: of log-odds.
        slope: of log-odds.
        doubt: covariance of the two, row by row.
        spread: standard deviation of the shifts of single weeks.
    """

    weight: float = 1.0
    shift: float = 0.0
    slope: float = 1.0
    doubt: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    spread: float = 0.0


@dataclass(frozen=True)
class Correction:
    """What turns told risks into corrected ones; none at all unless learnt.

    Args:
        center: log-odds around which the slope turns.
        beliefs: weights sum to 1.
        outgrown: risk where nothing is taken away, of which odds tell 0.
    """

    center: float = 0.0
    beliefs: tuple[Belief, ...] = (Belief(),)
    outgrown: float = 0.0

    def __call__(self, told: Floats) -> Floats:
        """Risks in a week to come: the mean over what may be, and over weeks that may come.

        Source: of a normal over log-odds, MacKay, "The evidence framework applied to classification networks", 1992.
        """
        x = log_odds(told) - self.center
        total = np.zeros_like(x)
        for one in self.beliefs:
            a, b, _, d = one.doubt
            variance = a + 2 * b * x + d * x * x + one.spread**2
            middle = self.center + one.shift + one.slope * x
            total += one.weight * chance_of(middle / np.sqrt(1 + np.pi * variance / 8))
        return np.where(told > 0, total, self.outgrown)

    def share_to_come(self, told: Floats) -> tuple[float, float]:
        """90 % interval of the share of these that goes wrong in one and the same week to come."""
        rng = np.random.default_rng(0)
        moved = told > 0
        x = log_odds(told[moved]) - self.center
        shares = []
        drawn = rng.multinomial(_DRAWS, [one.weight for one in self.beliefs])
        for one, times in zip(self.beliefs, drawn.tolist(), strict=True):
            doubt = np.array(one.doubt).reshape(2, 2)
            both = rng.multivariate_normal((one.shift, one.slope), doubt, times)
            week = rng.normal(0.0, one.spread, times)
            chance = chance_of(self.center + (both[:, :1] + week[:, None]) + both[:, 1:] * x)
            wrong = (rng.random(chance.shape) < chance).sum(axis=1)
            shares.append(wrong + rng.binomial(int((~moved).sum()), self.outgrown, times))
        low, high = np.quantile(np.concatenate(shares) / max(len(told), 1), (0.05, 0.95))
        return float(low), float(high)


def correction(told: Floats, bad: Bools, week: Ints, *, usual: float, outgrown: float = 0.0) -> Correction:
    """The correction by what was told so far and what came of it.

    Args:
        told: risks, (n,); 0 where nothing was taken away.
        bad: what went wrong, (n,).
        week: when, (n,).
        usual: a risk as one would expect before anything was seen.
        outgrown: risk where nothing is taken away.

    Source: Platt, "Probabilistic outputs for support vector machines", 1999, with normal priors on shift and slope;
    shifts of weeks are random intercepts, their spread summed over by Laplace's approximation of its evidence
    (Tierney and Kadane, "Accurate approximations for posterior moments and marginal densities", 1986).
    """
    moved = told > 0
    x, y = log_odds(told[moved]), bad[moved].astype(np.float64)
    curve = told[moved] * (1 - told[moved])
    center = _center(x, curve, usual)
    _, place = np.unique(week[moved], return_inverse=True)
    of_week = np.eye(int(place.max(initial=-1)) + 1)[place]
    rows = np.concatenate([np.stack([np.ones_like(x), x - center], axis=1), of_week], axis=1)
    fits = [_fit(rows, y, center, spread) for spread in _SPREADS]
    evidence = np.array([each for _, _, each in fits])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    beliefs = tuple(
        Belief(
            float(weight),
            float(found[0]),
            float(found[1]),
            (float(doubt[0, 0]), float(doubt[0, 1]), float(doubt[1, 0]), float(doubt[1, 1])),
            spread,
        )
        for weight, (found, doubt, _), spread in zip(weights, fits, _SPREADS, strict=True)
    )
    return Correction(center, beliefs, outgrown)


def _center(x: Floats, curve: Floats, usual: float) -> float:
    """Where the told ones say most about a shift; doubt about the slope is least there."""
    before = _CENTER_ROWS * usual * (1 - usual)
    return float((curve @ x + before * float(log_odds(np.array(usual)))) / (curve.sum() + before))


def _fit(rows: Floats, happened: Floats, center: float, spread: float) -> tuple[Floats, Floats, float]:
    """Shift, slope and shifts of weeks; covariance of the first two; logarithm of the evidence for the spread."""
    weeks = rows.shape[1] - 2
    # Before anything was seen the mean over weeks is what was told, whatever they differ by.
    level = center * (np.sqrt(1 + np.pi * (spread**2 + 1 / _PRECISION[0]) / 8) - 1)
    prior = np.concatenate([[level, 1.0], np.zeros(weeks)])
    precision = np.concatenate([_PRECISION, np.full(weeks, spread**-2)])
    found = prior.copy()
    curve = np.diag(precision)
    for _ in range(_ROUNDS):
        chance = chance_of(center + rows @ found)
        slope = rows.T @ (happened - chance) - precision * (found - prior)
        curve = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(precision)
        step = np.clip(np.linalg.solve(curve, slope), -1.0, 1.0)
        found = found + step
        if np.abs(step).max() < 1e-9:
            break
    chance = np.clip(chance_of(center + rows @ found), 1e-12, 1 - 1e-12)
    likely = float((happened * np.log(chance) + (1 - happened) * np.log(1 - chance)).sum())
    likely -= 0.5 * float((precision * (found - prior) ** 2).sum())
    likely += 0.5 * float(np.log(precision).sum() - np.linalg.slogdet(curve)[1])
    spread_of = np.linalg.inv(curve)[:2, :2].astype(np.float64)
    return found[:2], spread_of, likely - 0.5 * (spread / _WEEKS_DIFFER) ** 2
