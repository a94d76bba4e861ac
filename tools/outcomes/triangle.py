"""What came back of payments, by the week of the payment and by its delay: a development triangle with exposure.

A delay is counted in days from the payment, so that of a week that is still young exactly those payments count for a
delay that are old enough for it (their exposure), and no week has to be waited for. The share that comes back after
each delay is what came over what was exposed, which is the chain-ladder method in its additive form (Mack, 1997,
"Schadenversicherungsmathematik", section 3.1), and weeks differ from each other by a factor with a gamma distribution
(England and Verrall, 2002, "Stochastic claims reserving", section 7).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .spread import Spread
from .tally import Floats

WEEK = 7
_LEAST_WEEKS = 4
"""So many earlier weeks are needed to say how weeks differ."""
_LEAST_ALPHA, _MOST_ALPHA = 0.5, 400.0
"""Weeks are never taken to be more alike than by a twentieth: a history of a few tells of no smaller wobble."""


@dataclass(frozen=True)
class Triangle:
    """Weeks of payments, the oldest first, by delays of a day each.

    Args:
        payments: (C,).
        exposure: (C, K) payments that are old enough for this delay.
        returned: (C, K) what came back after it.
    """

    payments: Floats
    exposure: Floats
    returned: Floats

    def shares(self, cohorts: Floats | None = None) -> Floats:
        """(J,) what comes back of a payment after each delay.

        Args:
            cohorts: (C,) 1 for those that count; all by default.
        """
        weight = np.ones(len(self.payments)) if cohorts is None else cohorts
        came, seen = weight @ self.returned, weight @ self.exposure
        return np.divide(came, seen, out=np.zeros_like(came), where=seen > 0)


def triangle_of(payments: Floats, returned: Floats) -> Triangle:
    """Put days of payments together to weeks, with those that are old enough for each delay.

    Args:
        payments: (D,) of each day; D is a multiple of 7, and the last is the day before today.
        returned: (D / 7, K) by week of the payment and by days of delay.
    """
    days = len(payments)
    is_seen = np.arange(days)[:, None] + np.arange(returned.shape[1])[None, :] < days
    seen = (payments[:, None] * is_seen).reshape(-1, WEEK, returned.shape[1]).sum(axis=1)
    return Triangle(payments.reshape(-1, WEEK).sum(axis=1), seen, returned)


@dataclass(frozen=True)
class Level:
    """What is to be expected of a week of payments at its age.

    Args:
        expected: of what has come so far.
        alpha: how alike weeks are; the factor of a week has the variance 1/alpha.
        error: relative variance of the expectation itself.
    """

    expected: float
    alpha: float
    error: float

    def as_many(self, came: float) -> float:
        """Probability that as many or more come of a week that is like the others."""
        mean = self.expected
        return Spread(mean, mean + mean * mean * (1 / self.alpha + self.error)).at_least(came)


def levels(triangle: Triangle, judged: int, is_worse: Callable[[float, Level], bool]) -> list[Level | None]:
    """The expectation of each judged week out of the weeks before it, without those that were worse.

    Args:
        triangle: all weeks.
        judged: the newest weeks.
        is_worse: of what came of a week and its expectation: whether later weeks leave it out.
    """
    cohorts = len(triangle.payments)
    kept = np.zeros(cohorts)
    kept[: max(cohorts - judged, 0)] = 1.0
    found: list[Level | None] = []
    for place in range(max(cohorts - judged, 0), cohorts):
        level = _level(triangle, kept, place)
        found.append(level)
        came = float(triangle.returned[place].sum())
        kept[place] = 0.0 if level is not None and is_worse(came, level) else 1.0
    return found


def _level(triangle: Triangle, kept: Floats, place: int) -> Level | None:
    if kept.sum() < _LEAST_WEEKS:
        return None
    shares = triangle.shares(kept)
    mine = triangle.exposure[place]
    expected = float(mine @ shares)
    came = (kept @ triangle.returned).astype(np.float64)
    # Of each delay, the expectation is as sure as what came after it before.
    error = float(((mine * shares) ** 2 / np.maximum(came, 1.0)).sum()) / max(expected, 1e-9) ** 2
    return Level(expected, alikeness(triangle, kept), error)


def alikeness(triangle: Triangle, kept: Floats) -> float:
    """Alpha of the gamma distribution of the factors of weeks, by moments, on the side of weeks that differ."""
    shares = triangle.shares(kept)
    chosen = kept > 0
    expected = (triangle.exposure @ shares)[chosen]
    came = triangle.returned.sum(axis=1)[chosen]
    weeks = len(expected)
    if weeks < _LEAST_WEEKS or expected.sum() <= 0:
        return _LEAST_ALPHA
    whole = float((expected**2).sum())
    spread = float(((came - expected) ** 2 - came).sum()) / whole
    # Of few weeks the spread is itself uncertain: its upper end, by the error of a variance.
    noise = math.sqrt(2 * float(((expected + expected**2 * max(spread, 0)) ** 2).sum())) / whole
    return float(np.clip(1 / max(spread + noise, 1e-9), _LEAST_ALPHA, _MOST_ALPHA))


@dataclass(frozen=True)
class Projection:
    """What will have come back of a week of payments when the longest delay is over."""

    developed: float
    ultimate: float
    low: float
    high: float
    factor: float
    """By which it differs from other weeks, drawn towards 1 as far as it is young."""


def projections(triangle: Triangle) -> list[Projection]:
    """Of every week."""
    kept = np.ones(len(triangle.payments))
    shares, alpha = triangle.shares(), alikeness(triangle, kept)
    came_after = triangle.returned.sum(axis=0)
    found = []
    for place, payments in enumerate(triangle.payments):
        so_far = float(triangle.returned[place].sum())
        expected = float(triangle.exposure[place] @ shares)
        ahead = np.maximum(payments - triangle.exposure[place], 0) * shares
        rest = float(ahead.sum())
        factor = (alpha + so_far) / (alpha + expected)
        unsure = float((ahead**2 / np.maximum(came_after, 1.0)).sum()) * factor**2
        mean = rest * factor
        spread = Spread(mean, mean + rest**2 * (alpha + so_far) / (alpha + expected) ** 2 + unsure)
        found.append(
            Projection(
                developed=expected / (expected + rest) if expected + rest > 0 else 0.0,
                ultimate=so_far + mean,
                low=so_far + spread.quantile(0.025),
                high=so_far + spread.quantile(0.975),
                factor=factor,
            )
        )
    return found
