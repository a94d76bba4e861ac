"""Two published ways to rank entities by how far their metrics lie from a quiet time; no call graph, no changes.

Both take the start of the incident as known, as the snapshot declares it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ...tools.metrics.indicators import words_of
from .rca import Pair
from .view import Column

_MEMORY_WORDS = frozenset({"mem", "memory"})
_BYTE_UNITS = frozenset({"b", "by", "byte", "bytes"})
_NO_SCALE = 10 * float(np.finfo(np.float64).eps)
"""Below this a spread is rounding and counts as none, as in scikit-learn's scalers."""


def nsigma_ranking(columns: Sequence[Column]) -> tuple[Pair, ...]:
    """(entity, metric), best first, by the largest |z| in the incident against mean and standard deviation before it.

    A series that was constant before has no z and is left out. Ties are in the order of the columns.
    """
    scores = []
    for column in columns:
        spread = float(np.std(column.baseline))
        if spread > _NO_SCALE:
            moved = np.abs(column.window - np.mean(column.baseline))
            scores.append((column, float(np.max(moved)) / spread))
    return _ordered(scores)


def baro_ranking(columns: Sequence[Column]) -> tuple[Pair, ...]:
    """(entity, metric), best first, as BARO's RobustScorer with its default preprocessing ranks them.

    A series that is constant before the incident or during it is dropped, memory is taken in megabytes. The score is
    the *signed* maximum in the incident of (value - median) / interquartile range of the quiet time; a range of zero
    counts as 1, as in the scaler it uses, which makes such series depend on their unit. Ties are in the order of the
    columns. Its change-point detection is not needed, since the start of the incident is given.

    Source: Pham, Ha and Zhang, "BARO: robust root cause analysis for microservices via multivariate Bayesian online
    change point detection", FSE 2024, and the authors' implementation.
    """
    scores = []
    for column in columns:
        if np.ptp(column.baseline) == 0 or np.ptp(column.window) == 0:
            continue
        factor = 1e-6 if _is_memory_in_bytes(column) else 1.0
        low, middle, high = np.quantile(column.baseline * factor, (0.25, 0.5, 0.75))
        spread = float(high - low)
        scale = spread if spread >= _NO_SCALE else 1.0
        scores.append((column, (float(np.max(column.window)) * factor - float(middle)) / scale))
    return _ordered(scores)


def _ordered(scores: Iterable[tuple[Column, float]]) -> tuple[Pair, ...]:
    ordered = sorted(scores, key=lambda scored: -scored[1])
    return tuple(dict.fromkeys((column.key.entity, column.key.metric) for column, _ in ordered))


def _is_memory_in_bytes(column: Column) -> bool:
    unit = (column.key.unit or "").casefold()
    return bool(_MEMORY_WORDS & set(words_of(column.key.metric))) and unit in _BYTE_UNITS
