"""What the drift of one feature does to the model: the reference, weighted as the window has that feature.

Weighting labelled rows of the past by how much more often the window has them ("covariate shift"; Shimodaira, 2000)
gives the performance that the model would have had on such a mix. A feature that moved far where the model does not
care does no harm; one that moved a little towards rows that the model cannot tell apart does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .performance import Ranked
from .rows import Codes, Floats

_BLOCKS = 12
_SMOOTH = 0.5
_MOST_WEIGHT = 50.0


@dataclass(frozen=True)
class Harm:
    """What the drift of a feature does.

    Args:
        change: of the area under the curve; below 0 the model tells rows apart less well.
        noise: standard deviation of `change` where nothing but chance and the usual wander is at work.
        unseen: share of the window whose values the reference never had; of them nothing can be said.
        worst: the bin that contributes most to a fall, -1 if none does.
    """

    change: float
    noise: float
    unseen: float
    worst: int


class Reference:
    """The rows that windows are weighed against.

    Args:
        scores: (n,) in the order of time.
        labels: (n,) 0 or 1, or the probability of it where no label came.
    """

    def __init__(self, scores: Floats, labels: Floats) -> None:
        self._labels = labels
        self._ranked = Ranked(scores)
        self.auc = self._ranked.auc(labels, 1 - labels)
        self._pull = self._ranked.influence(labels, 1 - labels)
        self.size = len(scores)

    def harm(self, codes: Codes, window: Codes, bins: int) -> Harm:
        """What the window's mix of one feature does.

        Args:
            codes: (n,) the bin of each reference row.
            window: (m,) the bin of each row of the window, m > 0.
            bins: K.
        """
        before, after = np.bincount(codes, minlength=bins), np.bincount(window, minlength=bins)
        ratio, unseen = _ratio(before, after)
        weights = ratio[codes]
        change = self._ranked.auc(self._labels * weights, (1 - self._labels) * weights) - self.auc
        pulls = np.bincount(codes, self._pull, bins).astype(np.float64)
        shares = (ratio - 1.0) * pulls
        worst = int(np.argmin(shares)) if shares.min() < 0 else -1
        return Harm(change, self._noise(codes, before, pulls, len(window), bins), unseen, worst)

    def _noise(self, codes: Codes, before: Codes, pulls: Floats, size: int, bins: int) -> float:
        used = before > 0
        chance = float((pulls[used] ** 2 / (before[used] / self.size)).sum()) * (1 / size + 1 / self.size)
        blocks = np.array_split(codes, _BLOCKS)
        linear = []
        for block in blocks:
            if len(block) < bins:
                continue
            ratio, _ = _ratio(before, np.bincount(block, minlength=bins))
            linear.append(float(((ratio - 1.0) * pulls).sum()))
        wander = 0.0
        if len(linear) >= 3:
            expected = float((pulls[used] ** 2 / (before[used] / self.size)).sum()) / len(blocks[0])
            wander = max(float(np.mean(np.square(linear))) - expected, 0.0)
        return math.sqrt(chance + wander)


def _ratio(before: Codes, after: Codes) -> tuple[Floats, float]:
    """(K,) how much more often each bin is, and the share of what was never seen before."""
    seen = before > 0
    total = after[seen].sum()
    unseen = 1.0 - total / after.sum() if after.sum() else 0.0
    if total == 0:
        return np.where(seen, 1.0, 0.0), float(unseen)
    count = int(seen.sum())
    first = (before + _SMOOTH) / (before[seen].sum() + _SMOOTH * count)
    second = (after + _SMOOTH) / (total + _SMOOTH * count)
    return np.where(seen, np.minimum(second / first, _MOST_WEIGHT), 0.0), float(unseen)
