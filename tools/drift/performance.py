"""How well scores tell positives from negatives: realised where labels came, expected where they have not.

The expectation takes calibrated scores for the probabilities that they claim to be ("confidence-based performance
estimation"; Garg et al., "Leveraging unlabeled data to predict out-of-distribution performance", ICLR 2022, study its
family and its limits). It sees a population that is harder to tell apart. It cannot see that the same input means
something else than before: for that there have to be labels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .rows import Floats

LEAST_ROWS = 200
LEAST_OF_A_CLASS = 10
_BLOCKS = 12
_QUANTILE_90 = 1.645


@dataclass(frozen=True)
class Performance:
    """An area under the ROC curve with its 90 % interval.

    Args:
        rows: that it rests on.
    """

    auc: float
    low: float
    high: float
    rows: int


class Ranked:
    """Scores in order, so that areas under the curve for any weights cost one pass.

    Args:
        scores: (n,).
    """

    def __init__(self, scores: Floats) -> None:
        self.order = np.argsort(scores, kind="stable")
        ordered = scores[self.order]
        self._ties = np.concatenate([[0], np.cumsum(ordered[1:] != ordered[:-1])]) if len(scores) else self.order
        self._groups = int(self._ties[-1]) + 1 if len(scores) else 0

    def auc(self, positive: Floats, negative: Floats) -> float:
        """The area for weights of being positive and negative, (n,) each; NaN if one class has no weight."""
        ups, downs = self._by_tie(positive), self._by_tie(negative)
        weight = ups.sum() * downs.sum()
        return float((ups * (np.cumsum(downs) - downs / 2)).sum() / weight) if weight > 0 else math.nan

    def influence(self, positive: Floats, negative: Floats) -> Floats:
        """(n,) by how much the area changes, per unit, when the weight of a row grows."""
        ups, downs = self._by_tie(positive), self._by_tie(negative)
        area = float((ups * (np.cumsum(downs) - downs / 2)).sum() / (ups.sum() * downs.sum()))
        below = (np.cumsum(downs) - downs / 2) / downs.sum()
        above = 1.0 - (np.cumsum(ups) - ups / 2) / ups.sum()
        found = np.empty(len(self.order))
        found[self.order] = (
            positive[self.order] * (below[self._ties] - area) / ups.sum()
            + negative[self.order] * (above[self._ties] - area) / downs.sum()
        )
        return found

    def _by_tie(self, weights: Floats) -> Floats:
        return np.bincount(self._ties, weights[self.order], self._groups).astype(np.float64)


class Calibration:
    """Scores as probabilities: isotonic regression of labels on scores (Ayer et al., 1955).

    Args:
        scores: (n,) of the reference period.
        labels: (n,) 0 or 1.
    """

    def __init__(self, scores: Floats, labels: Floats) -> None:
        order = np.argsort(scores, kind="stable")
        values, starts = np.unique(scores[order], return_index=True)
        sizes = np.diff(np.append(starts, len(order))).astype(np.float64)
        sums = np.add.reduceat(labels[order], starts)
        heights, weights, lasts = list[float](), list[float](), list[int]()
        for place, (total, size) in enumerate(zip(sums.tolist(), sizes.tolist(), strict=True)):
            height, weight = total / size, size
            while heights and heights[-1] >= height:
                before = weights.pop()
                height = (heights.pop() * before + height * weight) / (before + weight)
                weight += before
                lasts.pop()
            heights.append(height)
            weights.append(weight)
            lasts.append(place)
        self._ends = values[np.array(lasts)]
        # The ends of an isotonic fit say 0 and 1 for the few rows beyond the others; nobody is as sure as that.
        floor = 0.5 / len(order)
        self._heights = np.clip(np.array(heights), floor, 1 - floor)

    def __call__(self, scores: Floats) -> Floats:
        """(n,) probabilities."""
        places = np.minimum(np.searchsorted(self._ends, scores), len(self._heights) - 1)
        return np.asarray(self._heights[places], np.float64)


def expected_auc(scores: Floats, probabilities: Floats) -> float:
    """The area to expect where labels come up with these probabilities.

    Args:
        scores: (n,) by which rows are ranked.
        probabilities: (n,) of being positive.
    """
    return Ranked(scores).auc(probabilities, 1.0 - probabilities)


def realised(scores: Floats, labels: Floats) -> Performance | None:
    """The area where labels came, with DeLong's interval; `None` where too few did.

    Args:
        scores: (n,).
        labels: (n,) 0, 1 or NaN.
    """
    known = np.isfinite(labels)
    scores, labels = scores[known], labels[known]
    positives, negatives = float(labels.sum()), float((1 - labels).sum())
    if len(scores) < LEAST_ROWS or min(positives, negatives) < LEAST_OF_A_CLASS:
        return None
    ranked = Ranked(scores)
    area, pull = ranked.auc(labels, 1 - labels), ranked.influence(labels, 1 - labels)
    return _within(area, math.sqrt(float((pull**2).sum())), len(scores))


@dataclass(frozen=True)
class Expectation:
    """What the reference period teaches about expecting.

    Args:
        calibration: of its scores.
        bias: by how much realised areas lay above expected ones, on average over its blocks.
        scatter: standard deviation of that difference.
        block_rows: rows of a block.
        auc: realised over the whole of it.
    """

    calibration: Calibration
    bias: float
    scatter: float
    block_rows: int
    auc: float

    def of(self, scores: Floats) -> Performance | None:
        """The area to expect of a window, with its interval; `None` for too few rows."""
        if len(scores) < LEAST_ROWS:
            return None
        area = expected_auc(scores, self.calibration(scores))
        if math.isnan(area):
            return None
        spread = self.scatter * math.sqrt(self.block_rows / len(scores))
        return _within(area + self.bias, spread, len(scores))


def learn_expectation(scores: Floats, labels: Floats) -> Expectation | None:
    """Learn what to expect from a labelled reference; `None` where it is too small to learn from.

    Each half of the reference is calibrated on the other half, so that no block is judged by itself.

    Args:
        scores: (n,) in the order of time.
        labels: (n,) 0 or 1; rows without a label are left out.
    """
    known = np.isfinite(labels)
    scores, labels = scores[known], labels[known]
    if min(labels.sum(), (1 - labels).sum()) < LEAST_OF_A_CLASS * _BLOCKS or len(scores) < LEAST_ROWS * _BLOCKS:
        return None
    is_odd = np.arange(len(scores)) % 2 == 1
    halves = {odd: Calibration(scores[is_odd == odd], labels[is_odd == odd]) for odd in (False, True)}
    probabilities = np.where(is_odd, halves[False](scores), halves[True](scores))
    gaps = []
    for part in np.array_split(np.arange(len(scores)), _BLOCKS):
        ranked, truth = Ranked(scores[part]), labels[part]
        gap = ranked.auc(truth, 1 - truth) - ranked.auc(probabilities[part], 1 - probabilities[part])
        if not math.isnan(gap):
            gaps.append(gap)
    if len(gaps) < _BLOCKS // 2:
        return None
    whole = Ranked(scores).auc(labels, 1 - labels)
    return Expectation(
        Calibration(scores, labels), float(np.mean(gaps)), float(np.std(gaps, ddof=1)), len(scores) // _BLOCKS, whole
    )


def _within(area: float, spread: float, rows: int) -> Performance:
    return Performance(area, max(area - _QUANTILE_90 * spread, 0.0), min(area + _QUANTILE_90 * spread, 1.0), rows)
