"""How much better a candidate is than the champion on the same rows, with an interval.

Sources: the variance of a difference of two areas under the curve on the same rows is DeLong, DeLong and
Clarke-Pearson's (Biometrics 44, 1988), computed by ranks (Sun and Xu, IEEE Signal Processing Letters 21, 2014);
Bonferroni's correction over segments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_SMALLEST = 1e-15


@dataclass(frozen=True)
class Gain:
    """How much better the candidate is; negative is worse.

    Args:
        value: of the candidate by itself.
        gain: over the champion; NaN without one.
        error: standard error of `gain`, or of `value` where there is no champion.
        rows: that had a say.
    """

    value: float
    gain: float
    error: float
    rows: int


def gain(metric: str, label: Floats, score: Floats, champion: Floats | None, threshold: float) -> Gain | None:
    """The gain of one metric; `None` where the rows cannot say, such as without an event among them.

    Args:
        metric: of `MetricCheck`.
        label: 0 or 1.
        score: of the candidate, finite.
        champion: of the champion on the same rows.
        threshold: for rates: above it a row is selected.
    """
    if metric == "auc":
        return _area(label, score, champion)
    if metric in ("recall", "false_positive_rate"):
        rows = label == (1.0 if metric == "recall" else 0.0)
        sign = 1.0 if metric == "recall" else -1.0
        ours = (score[rows] > threshold).astype(np.float64)
        theirs = None if champion is None else (champion[rows] > threshold).astype(np.float64)
        return _paired(ours, theirs, sign)
    if (
        (score < 0).any()
        or (score > 1).any()
        or (champion is not None and ((champion < 0).any() or (champion > 1).any()))
    ):
        return None
    loss = _brier if metric == "brier" else _log_loss
    return _paired(loss(label, score), None if champion is None else loss(label, champion), -1.0)


def bound(error_rate: float, questions: int) -> float:
    """Half the width of an interval in standard errors, for so many questions together; one-sided."""
    return NormalDist().inv_cdf(1 - error_rate / max(questions, 1))


def _paired(ours: Floats, theirs: Floats | None, sign: float) -> Gain | None:
    n = int(ours.size)
    if n < 2:
        return None
    value = float(ours.mean())
    if theirs is None:
        return Gain(value, math.nan, float(ours.std(ddof=1)) / math.sqrt(n), n)
    difference = sign * (ours - theirs)
    return Gain(value, float(difference.mean()), float(difference.std(ddof=1)) / math.sqrt(n), n)


def _brier(label: Floats, score: Floats) -> Floats:
    return (label - score) ** 2


def _log_loss(label: Floats, score: Floats) -> Floats:
    clipped = np.clip(score, _SMALLEST, 1 - _SMALLEST)
    return -(label * np.log(clipped) + (1 - label) * np.log(1 - clipped))


def _area(label: Floats, score: Floats, champion: Floats | None) -> Gain | None:
    events = label == 1.0
    m, n = int(events.sum()), int((~events).sum())
    if m < 2 or n < 2:
        return None
    parts = [_placements(values, events) for values in ((score,) if champion is None else (score, champion))]
    areas = [float(up.mean()) for up, _ in parts]
    ups, downs = np.stack([up for up, _ in parts]), np.stack([down for _, down in parts])
    if champion is None:
        return Gain(
            areas[0], math.nan, math.sqrt(float(ups[0].var(ddof=1)) / m + float(downs[0].var(ddof=1)) / n), m + n
        )
    up, down = ups[0] - ups[1], downs[0] - downs[1]
    error = math.sqrt(float(up.var(ddof=1)) / m + float(down.var(ddof=1)) / n)
    return Gain(areas[0], areas[0] - areas[1], error, m + n)


def _placements(values: Floats, events: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """For each event the share of the others below it, for each other the share of the events above it."""
    inside, outside = values[events], values[~events]
    whole, ours, theirs = _mid_ranks(values), _mid_ranks(inside), _mid_ranks(outside)
    up = (whole[events] - ours) / outside.size
    down = 1 - (whole[~events] - theirs) / inside.size
    return up, down


def _mid_ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts).astype(np.float64)
    found: Floats = (last - (counts - 1) / 2)[inverse.reshape(-1)]
    return found
