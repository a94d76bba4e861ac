"""One metric of a rollout: pass, fail or inconclusive after every look, an interval, and the traffic that is missing.

A metric fails when the evidence of harm passes its bound, and passes when the evidence against harm of the size of the
margin does. The bounds are log(1/a): by Ville's inequality an equal canary ever fails with probability a at most, and
one that is worse by the margin ever passes with probability a at most, under independent requests. Because evidence
comes look by look, it jumps over its bound; the bound is lowered by the mean of that jump.

Sources: Wald, "Sequential analysis", 1947; the mean jump over the bound, 0.583 standard deviations of a step, is
Siegmund's ("Sequential analysis: tests and confidence intervals", 1985, section 10.4); the interval is the normal
mixture of Robbins, "Statistical methods related to the law of the iterated logarithm", 1970.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .dependence import inflation
from .evidence import Evidence, Floats

_JUMP = 0.583
_MOST_JUMP = 0.5
"""The mean jump is right for small steps; with a few large looks hardly anything is taken off."""
_MOST_LOOKS = 1_000_000.0


@dataclass(frozen=True)
class Course:
    """A metric after every look; arrays are (..., T).

    Args:
        fails: whether it has failed by then. What has failed stays so.
        passes: whether it has passed by then, and not failed before.
        low: of the always-valid interval of the difference, canary minus champion.
        high: the other end.
        inflation: by what the evidence was divided for correlated looks; 1 if they look independent.
        to_pass: further looks like these after which an equal canary has passed, on average.
        to_fail: further looks after which one that is worse by the margin has failed, on average.
    """

    fails: npt.NDArray[np.bool_]
    passes: npt.NDArray[np.bool_]
    low: Floats
    high: Floats
    inflation: Floats
    to_pass: Floats
    to_fail: Floats


def course(
    evidence: Evidence,
    *,
    false_alarm: float = 0.02,
    false_pass: float = 0.02,
    history: tuple[Floats, Floats] | None = None,
) -> Course:
    """What a metric says after every look.

    Args:
        evidence: of its looks.
        false_alarm: the probability with which an equal canary may ever fail; in (0, 1).
        false_pass: the probability with which one that is worse by the margin may ever pass; in (0, 1).
        history: values of the champion's looks before the rollout and their variances if requests are independent.
    """
    factor = inflation(evidence.sides, history)
    harm, no_harm = evidence.harm / factor, evidence.no_harm / factor
    step = evidence.step / factor
    jump = np.minimum(_JUMP * step, _MOST_JUMP)
    bound, other = math.log(1 / false_alarm), math.log(1 / false_pass)
    failed, passed = harm >= bound - jump, no_harm >= other - jump
    first_fail, first_pass = _first(failed), _first(passed)
    looks = np.arange(evidence.harm.shape[-1])
    fails = (first_fail[..., None] <= looks) & (first_fail <= first_pass)[..., None]
    passes = (first_pass[..., None] <= looks) & (first_pass < first_fail)[..., None]
    with np.errstate(invalid="ignore"):
        variance = evidence.variance * factor
    half = _half_width(variance, evidence.margin, false_alarm)
    # What one look adds on average under what it speaks for, in a normal case half the variance of a step.
    seen = np.maximum(np.cumsum(evidence.seen, -1), 1)
    gain = np.cumsum(evidence.step**2, -1) / seen / 2 / factor
    return Course(
        fails=fails,
        passes=passes,
        low=evidence.difference - half,
        high=evidence.difference + half,
        inflation=factor,
        to_pass=_looks_left(other - no_harm, gain),
        to_fail=_looks_left(bound - harm, gain),
    )


def _first(hit: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = np.where(hit.any(-1), hit.argmax(-1), hit.shape[-1]).astype(np.int64)
    return found


def _looks_left(missing: Floats, gain: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(gain > 0, np.maximum(missing, 0.0) / np.where(gain > 0, gain, 1.0), np.inf)
    return np.minimum(np.ceil(found), _MOST_LOOKS)


def _half_width(variance: Floats, margin: Floats, error: float) -> Floats:
    """Half the width of the interval; the mixture is as wide as the margin, which makes it tightest there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mixed = variance + margin**2
        found = np.sqrt(variance * mixed / margin**2 * (2 * math.log(1 / error) + np.log(mixed / variance)))
    return np.where(np.isfinite(found), found, np.inf)
