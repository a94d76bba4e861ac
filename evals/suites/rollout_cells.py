"""The invented rollouts of the suite `rollouts`: what each cell draws, and whether there is harm in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ...tools.rollouts.evidence import Counts, Evidence, Floats, Sums, of_means, of_rates, of_wins

LOOKS = 60
REQUESTS = 400
"""Per side and look, of rates; means have a quarter of that."""
_VALUES = 100
_PAIRS = 20
_HISTORY = 1_440
"""A day of minutes."""
_NOISE = 0.8
"""Standard deviation of the logarithm of a latency: its mean is 1.4 times its median."""


@dataclass(frozen=True)
class Drawn:
    """Rollouts of one cell.

    Args:
        evidence: as the product reckons it.
        minutes: per side the values minute by minute, (R, T), for tests that compare those.
        gap: per look the difference of the sides, and its variance if requests are independent, both (R, T).
        history: of the champion, where the cell has one: (H,) values and variances.
    """

    evidence: Evidence
    minutes: tuple[Floats, Floats]
    gap: tuple[Floats, Floats]
    history: tuple[Floats, Floats] | None = None


@dataclass(frozen=True)
class Cell:
    """One kind of rollout.

    Args:
        name: says what is drawn.
        harm: whether the canary is worse by the margin or more.
        draw: so many rollouts.
        spread: of the mixture that the mSPRT beside it uses, in the unit of the difference.
    """

    name: str
    harm: bool
    draw: Callable[[np.random.Generator, int], Drawn] = field(repr=False)
    spread: float = 0.01


def cells() -> tuple[Cell, ...]:
    """Every cell, harmless ones first."""
    return (
        Cell("rate 2.0 % = 2.0 %", False, lambda rng, n: _rates(rng, n, 0.02, 0.02)),
        Cell("rate, lag-1 correlation 0.3", False, lambda rng, n: _rates(rng, n, 0.02, 0.02, lag=0.3)),
        Cell("rate, lag-1 correlation 0.7", False, lambda rng, n: _rates(rng, n, 0.02, 0.02, lag=0.7)),
        Cell("rate, lag-1 correlation 0.9", False, lambda rng, n: _rates(rng, n, 0.02, 0.02, lag=0.9)),
        Cell("rate follows the hour on both sides", False, _tides),
        Cell("rate wanders on each side", False, lambda rng, n: _wandering(rng, n, with_history=False)),
        Cell("rate wanders, a day of history", False, lambda rng, n: _wandering(rng, n, with_history=True)),
        Cell("latency equal", False, lambda rng, n: _means(rng, n, 1.0), spread=0.1),
        Cell("latency, lag-1 correlation 0.7", False, lambda rng, n: _means(rng, n, 1.0, lag=0.7), spread=0.1),
        Cell("shadow, equal", False, lambda rng, n: _wins(rng, n, 0.5), spread=0.1),
        Cell("rate 2.0 % to 2.6 %", True, lambda rng, n: _rates(rng, n, 0.02, 0.026)),
        Cell(
            "rate 2.0 % to 2.6 %, a day of history",
            True,
            lambda rng, n: _rates(rng, n, 0.02, 0.026, with_history=True),
        ),
        Cell("rate 2.0 % to 3.0 %", True, lambda rng, n: _rates(rng, n, 0.02, 0.03)),
        Cell("rate 2.0 % to 2.6 %, lag-1 0.7", True, lambda rng, n: _rates(rng, n, 0.02, 0.026, lag=0.7)),
        Cell("slow requests 1.0 % to 1.6 %", True, lambda rng, n: _rates(rng, n, 0.01, 0.016)),
        Cell("latency plus 10 %", True, lambda rng, n: _means(rng, n, 1.1), spread=0.1),
        Cell("shadow, loses 58 %", True, lambda rng, n: _wins(rng, n, 0.58), spread=0.1),
    )


def _rates(
    rng: np.random.Generator, n: int, champion: float, canary: float, *, lag: float = 0.0, with_history: bool = False
) -> Drawn:
    """Counts that are binomial each, with neighbours that resemble each other."""
    history = _rate_history(_binomial(rng, (1, _HISTORY), champion, lag)) if with_history else None
    return _of_counts(_binomial(rng, (n, LOOKS), champion, lag), _binomial(rng, (n, LOOKS), canary, lag), history)


def _binomial(rng: np.random.Generator, shape: tuple[int, int], rate: float, lag: float) -> Floats:
    if not lag:
        return rng.binomial(REQUESTS, rate, shape).astype(np.float64)
    steps = np.arange(1, REQUESTS + 1)
    ratios = np.cumprod((REQUESTS + 1 - steps) / steps * (rate / (1 - rate)))
    chances = np.concatenate([[1.0], ratios]) * (1 - rate) ** REQUESTS
    return np.searchsorted(np.cumsum(chances), _below(_lagged(rng, shape, lag))).astype(np.float64)


def _tides(rng: np.random.Generator, n: int) -> Drawn:
    """One rate for both sides that triples and falls again within the hour."""
    rate = 0.02 * np.exp(np.log(3) * np.sin(2 * np.pi * (np.arange(LOOKS) / LOOKS + rng.random((n, 1)))))
    return _of_counts(*(rng.binomial(REQUESTS, rate).astype(np.float64) for _ in range(2)))


def _wandering(rng: np.random.Generator, n: int, *, with_history: bool) -> Drawn:
    """A rate per side whose logarithm wanders by 0.4, with lag-1 correlation 0.7; requests are independent within."""

    def counts(shape: tuple[int, int]) -> Floats:
        odds = 0.02 / 0.98 * np.exp(0.4 * _lagged(rng, shape, 0.7) - 0.08)
        return rng.binomial(REQUESTS, odds / (1 + odds)).astype(np.float64)

    history = _rate_history(counts((1, _HISTORY))) if with_history else None
    return _of_counts(counts((n, LOOKS)), counts((n, LOOKS)), history)


def _rate_history(events: Floats) -> tuple[Floats, Floats]:
    values = events[0] / REQUESTS
    rate = float(values.mean())
    return values, np.full(values.shape, rate * (1 - rate) / REQUESTS)


def _of_counts(champion: Floats, canary: Floats, history: tuple[Floats, Floats] | None = None) -> Drawn:
    trials = np.full(champion.shape, float(REQUESTS))
    usual = float(history[0].mean()) if history is not None else None
    evidence = of_rates(Counts(champion, trials), Counts(canary, trials), 0.006, usual=usual)
    a, b = champion / REQUESTS, canary / REQUESTS
    pooled = (a + b) / 2
    return Drawn(evidence, (a, b), (b - a, 2 * pooled * (1 - pooled) / REQUESTS), history)


def _means(rng: np.random.Generator, n: int, factor: float, *, lag: float = 0.0) -> Drawn:
    """Latencies, log-normal; with a lag the level of the minute wanders so that its means correlate by that."""
    sums = []
    chance = float(np.expm1(_NOISE**2)) / _VALUES
    for scale in (1.0, factor):
        # The level has ten times the variance that requests give a minute's mean, so means correlate a little less.
        level = np.exp(_lagged(rng, (n, LOOKS), lag * 1.1) * np.sqrt(10 * chance)) if lag else np.ones((n, LOOKS))
        total, squares = np.empty((n, LOOKS)), np.empty((n, LOOKS))
        for look in range(LOOKS):
            values = np.exp(_NOISE * rng.standard_normal((n, _VALUES))) * (scale * level[:, look, None])
            total[:, look], squares[:, look] = values.sum(-1), (values**2).sum(-1)
        sums.append(Sums(np.full((n, LOOKS), float(_VALUES)), total, squares))
    evidence = of_means(sums[0], sums[1], 0.1, is_relative=True)
    a, b = (side.total / side.n for side in sums)
    variance = sum((side.squares / side.n - (side.total / side.n) ** 2) / side.n for side in sums)
    return Drawn(evidence, (a, b), (b - a, np.asarray(variance)))


def _wins(rng: np.random.Generator, n: int, champion: float) -> Drawn:
    lost = rng.binomial(_PAIRS, champion, (n, LOOKS)).astype(np.float64)
    share = lost / _PAIRS
    return Drawn(
        of_wins(lost, _PAIRS - lost, 0.08),
        (1 - share, share),
        (share - 0.5, np.full(share.shape, 0.25 / _PAIRS)),
    )


def _lagged(rng: np.random.Generator, shape: tuple[int, int], lag: float) -> Floats:
    noise = rng.standard_normal(shape)
    found = np.empty(shape)
    found[:, 0] = noise[:, 0]
    for look in range(1, shape[1]):
        found[:, look] = lag * found[:, look - 1] + np.sqrt(1 - lag**2) * noise[:, look]
    return found


def _below(normal: Floats) -> Floats:
    """The normal distribution function, to 1e-7 (Abramowitz and Stegun, 26.2.17)."""
    t = 1 / (1 + 0.2316419 * np.abs(normal))
    tail = np.exp(-(normal**2) / 2) / np.sqrt(2 * np.pi)
    tail *= t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    found: Floats = np.where(normal > 0, 1 - tail, tail)
    return found
