"""How much less correlated minutes say than independent ones.

One minute's traffic resembles that of the minute before: clients retry, caches warm, one large customer comes and goes.
Evidence that takes looks for independent then grows faster than it may. What it is divided by is estimated here: the
variance of a long mean over that which independent requests would give (1 if they are independent).

The estimate is deliberately above the truth while looks are few, because nothing can be told from ten minutes; minutes
of the champion from before the rollout make it both smaller and safer.

Sources: the variance of a mean of a correlated series is (1+r)/(1-r) times that of an independent one when the series
is autoregressive (Bartlett, "On the theoretical specification and sampling properties of autocorrelated time-series",
1946); the bias of r is Kendall's ("Note on bias in the estimation of autocorrelation", 1954). The three constants were
chosen on simulated rates (seeds that the suite `rollouts` does not use); `docs/rollouts.md` says what they cost.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .evidence import Floats

LEAST_LOOKS = 8
"""Of both sides together with the history: below that no correlation can be told, so nothing is decided."""
_TOLERATED = 0.14
"""A correlation that chance makes in a few dozen independent minutes."""
_CAUTION = 3.0
"""Added to the correlation, over the number of looks: after 20 looks that is about the tolerated one."""
_SLOPE = 1.4
"""How fast more than that counts: 0.7 is taken for 0.8, because an estimate from an hour is often too low."""
_MOST = 0.95
_CERTAIN = 0.3
"""With a correlation so far above the tolerated one, what spread there is above chance is believed whole."""
_BOUND = 3.9
"""The logarithm of 50: where evidence usually decides."""
_CHANCE = 2.0
"""Standard deviations of the spread that are put down to chance, while no correlation shows."""


def inflation(sides: Sequence[tuple[Floats, Floats]], history: tuple[Floats, Floats] | None = None) -> Floats:
    """By what the evidence of the looks up to each one is to be divided.

    Args:
        sides: per side the values of the looks, (..., T), and the variances that independent requests would give them;
            NaN where a look is missing.
        history: the same of the champion before the rollout, (H,); it counts like looks of this one.

    Returns:
        (..., T), >= 1; infinite where fewer than `LEAST_LOOKS` looks are there and no history either.
    """
    looks = sides[0][0].shape[-1]
    earlier = [_moments(*history)] if history is not None else []
    return np.stack([_after(sides, t + 1, earlier) for t in range(looks)], -1)


_Moments = tuple[Floats, Floats, Floats]


def _moments(values: Floats, variances: Floats) -> _Moments:
    """Sum of neighbours' products, sum of squares, and how many, of the residuals in units of chance."""
    mean = _mean(values, variances)
    residuals = (values - mean[..., None]) / np.sqrt(np.maximum(variances, 1e-300))
    there = np.isfinite(residuals)
    zeroed = np.where(there, residuals, 0.0)
    neighbours = (zeroed[..., 1:] * zeroed[..., :-1]).sum(-1)
    return neighbours, (zeroed**2).sum(-1), there.sum(-1).astype(np.float64)


def _mean(values: Floats, variances: Floats) -> Floats:
    weights = np.where(np.isfinite(values), 1 / np.maximum(variances, 1e-300), 0.0)
    whole = weights.sum(-1)
    return np.where(
        whole > 0, (np.where(np.isfinite(values), values, 0.0) * weights).sum(-1) / np.maximum(whole, 1e-300), 0.0
    )


def _after(sides: Sequence[tuple[Floats, Floats]], looks: int, earlier: list[_Moments]) -> Floats:
    # The newest variance stands for the older ones too: it knows the rate best.
    found = [*earlier, *(_moments(values[..., :looks], variances[..., :looks]) for values, variances in sides)]
    neighbours = sum((one[0] for one in found), start=np.zeros(()))
    squares = sum((one[1] for one in found), start=np.zeros(()))
    count = sum((one[2] for one in found), start=np.zeros(()))
    series = len(found)
    safe = np.maximum(count, 1.0)
    raw = np.where(squares > 0, neighbours / np.maximum(squares, 1e-300), 0.0)
    correlation = np.clip(raw + (1 + 3 * raw) * series / safe, -1.0, 0.97)
    evident = np.clip(_SLOPE * (correlation - _TOLERATED), 0.0, _MOST)
    taken = np.clip(_SLOPE * (correlation + _CAUTION * len(sides) / safe - _TOLERATED), 0.0, _MOST)
    # A few minutes that resemble each other hardly show how far the series goes: their mean goes with it.
    lost = series * np.minimum((1 + taken) / (1 - taken), safe / series / 2)
    spread = squares / np.maximum(count - lost, 1.0)
    is_sure = np.clip(evident / _CERTAIN, 0.0, 1.0)
    excess = np.maximum(spread - 1 - _CHANCE * np.sqrt(2 / safe) * (1 - is_sure), 0.0)
    excess = excess * _doubt(np.maximum(safe * (1 - taken) / (1 + taken) - series, 0.5))
    whole = (1 + excess) * (1 + taken) / (1 - taken)
    # Where requests are independent around a rate that wanders, the minutes' correlation is that of the rate, thinned
    # by the requests' own chance.
    wander = np.clip(np.where(excess > 0, evident * (1 + excess) / np.maximum(excess, 1e-9), 0.0), taken, _MOST)
    found_most = np.maximum(whole, 1 + excess * (1 + wander) / (1 - wander))
    return np.where(count >= LEAST_LOOKS * len(sides), found_most, np.inf)


def _doubt(independent: Floats) -> Floats:
    """How much further a variance has to be taken that so many independent values have shown.

    The ratio of the bounds that a t statistic and a normal one have to pass for the same likelihood ratio.
    """
    return independent * np.expm1(2 * _BOUND / (independent + 1)) / (2 * _BOUND)
