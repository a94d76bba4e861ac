"""How well a classifier tells the window from the reference: one number for all features together.

A logistic regression on the bins of all features ("classifier two-sample test"; Lopez-Paz and Oquab, ICLR 2017), fitted
on one half of the rows and measured on the other. 0.5 is chance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .performance import Ranked
from .rows import Codes, Floats

_MOST_ROWS = 20_000
_STEPS = 8
_RIDGE = 1.0


def domain_auc(before: Sequence[Codes], after: Sequence[Codes], bins: Sequence[int], seed: int = 0) -> float:
    """The area under the curve with which the window's rows are told from the reference's.

    Args:
        before: bins of the reference, (n,) for each feature.
        after: bins of the window, (m,) for each feature.
        bins: how many each feature has.
        seed: of the draw where there are very many rows.
    """
    draw = np.random.default_rng(seed)
    size = min(len(before[0]), len(after[0]), _MOST_ROWS)
    chosen = (draw.choice(len(before[0]), size, replace=False), draw.choice(len(after[0]), size, replace=False))
    codes = [np.concatenate([first[chosen[0]], last[chosen[1]]]) for first, last in zip(before, after, strict=True)]
    truth = np.repeat([0.0, 1.0], size)
    is_test = np.tile(np.arange(size) % 2 == 0, 2)
    starts = np.concatenate([[0], np.cumsum(bins)[:-1]])
    places = np.stack([column + start for column, start in zip(codes, starts, strict=True)], axis=1)
    weights = _fit(places[~is_test], truth[~is_test], int(sum(bins)))
    scores = weights[places[is_test]].sum(axis=1)
    return Ranked(scores).auc(truth[is_test], 1 - truth[is_test])


def _fit(places: Codes, truth: Floats, width: int) -> Floats:
    """(width,) weights of a ridge logistic regression on one-hot columns, by Newton's method."""
    weights = np.zeros(width)
    for _ in range(_STEPS):
        chances = 1.0 / (1.0 + np.exp(-np.clip(weights[places].sum(axis=1), -30, 30)))
        pull = np.bincount(places.ravel(), np.repeat(truth - chances, places.shape[1]), width) - _RIDGE * weights
        curve = chances * (1 - chances)
        hessian = np.zeros((width, width))
        for first in range(places.shape[1]):
            for second in range(first, places.shape[1]):
                pair = places[:, first] * width + places[:, second]
                block = np.bincount(pair, curve, width * width).reshape(width, width)
                hessian += block if first == second else block + block.T
        step = np.linalg.solve(hessian + _RIDGE * np.eye(width), pull)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-4:
            break
    return weights
