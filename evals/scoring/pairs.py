"""Could a difference between paired values be chance? Exact tests, and what several of them at once are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb

import numpy as np

_EXACT_UP_TO = 14
"""So many signs are tried in every combination; more are drawn."""
_DRAWS = 20_000
_CHUNK = 1_000
_TOLERANCE = 1e-12


def sign_test(better: int, worse: int) -> float:
    """Two-sided probability of a split at least as uneven, if both directions were equally likely.

    For pairs of 0 and 1 this is McNemar's exact test.

    Source: Conover, "Practical nonparametric statistics", the sign test; ties are left out.
    """
    n = better + worse
    if n == 0:
        return 1.0
    tail = sum(comb(n, k) for k in range(min(better, worse) + 1))
    return min(1.0, 2.0 * tail / (1 << n))


def sign_flip_test(changes: Sequence[float], *, seed: int, clusters: Sequence[str] | None = None) -> float:
    """Two-sided probability of a mean change at least as large, if each change had either sign with equal probability.

    Args:
        changes: one per pair.
        seed: of the draws, where there are too many changes to try all signs.
        clusters: for each change what it belongs to; the changes of a cluster then turn together.

    Returns:
        Exact for up to 14 changes that are not 0; from 20,000 draws otherwise, the observed one among them, so never 0.

    Source: Fisher's randomisation test for pairs; Phipson and Smyth, "Permutation p-values should never be zero", 2010.
    """
    sums: dict[str, float] = {}
    for place, change in enumerate(changes):
        name = str(place) if clusters is None else clusters[place]
        sums[name] = sums.get(name, 0.0) + change
    moved = np.array([value for value in sums.values() if abs(value) > _TOLERANCE])
    count = len(moved)
    if not count:
        return 1.0
    seen = abs(float(moved.sum())) - _TOLERANCE
    if count <= _EXACT_UP_TO:
        patterns = (np.arange(1 << count)[:, None] >> np.arange(count)) & 1
        return float(np.mean(np.abs((1 - 2 * patterns) @ moved) >= seen))
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(_DRAWS // _CHUNK):
        signs = rng.integers(0, 2, size=(_CHUNK, count)) * 2 - 1
        hits += int(np.sum(np.abs(signs @ moved) >= seen))
    return (hits + 1) / (_DRAWS + 1)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """The p-values adjusted for there being several: below a level, the family's chance of any false call is too.

    Source: Holm, "A simple sequentially rejective multiple test procedure", 1979. Needs no independence.
    """
    adjusted: dict[str, float] = {}
    highest, count = 0.0, len(p_values)
    for place, (name, p_value) in enumerate(sorted(p_values.items(), key=lambda pair: (pair[1], pair[0]))):
        highest = max(highest, min(1.0, (count - place) * p_value))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}
