"""What others do with the numbers of a rollout: the look at which each of the usual tests would stop it.

Sources: the mixture SPRT of Johari, Koomen, Pekelis and Walsh, "Always valid inference", Operations Research 70, 2022;
the Mann-Whitney judge of Kayenta (NetflixACAJudge) at its confidence of 0.98, looked at every five minutes from the
tenth on as its documentation suggests, without its cut by effect size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ...tools.rollouts.evidence import Floats
from .rollout_cells import LOOKS, Drawn

NEVER = LOOKS
_ONE_SIDED_5 = 1.6448536
_ONE_SIDED_1 = 2.3263479
_BONFERRONI = 3.1428
"""One-sided, 0.05 over 60 looks."""
_KAYENTA_LOOKS = range(9, LOOKS, 5)


def stopped_at(drawn: Drawn, spread: float) -> Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """By name of test: the look, from 0, at which it stops each rollout; `NEVER` if it does not. All are one-sided."""
    gap, variance = drawn.gap
    looks = np.arange(1, LOOKS + 1)
    mean = np.cumsum(gap, -1) / looks
    spread_of_mean = np.cumsum(variance, -1) / looks**2
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.nan_to_num(mean / np.sqrt(spread_of_mean))
    return {
        "z_peek": _first(z > _ONE_SIDED_5),
        "z_bonferroni": _first(z > _BONFERRONI),
        "msprt": _first(_mixture(mean, spread_of_mean, spread)),
        "mann_whitney": _first(_ranks(*drawn.minutes)),
    }


def _first(hits: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.where(hits.any(-1), hits.argmax(-1), NEVER).astype(np.int64)


def _mixture(mean: Floats, variance: Floats, spread: float) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    mixed = variance + spread**2
    with np.errstate(divide="ignore", invalid="ignore"):
        log = 0.5 * np.log(variance / mixed) + mean**2 * spread**2 / (2 * variance * mixed)
    found: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (np.nan_to_num(log) > math.log(1 / 0.05)) & (mean > 0)
    return found


def _ranks(champion: Floats, canary: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Whether the ranks of the canary's minutes are higher than chance makes them, at the looks of Kayenta."""
    found = np.zeros(champion.shape, dtype=bool)
    for look in _KAYENTA_LOOKS:
        n = look + 1
        both = np.concatenate([champion[:, :n], canary[:, :n]], -1)
        above = (canary[:, :n, None] > champion[:, None, :n]).sum((-1, -2))
        equal = (canary[:, :n, None] == champion[:, None, :n]).sum((-1, -2))
        u = above + equal / 2
        ordered = np.sort(both, -1)
        runs = np.zeros(len(both))
        for row, values in enumerate(ordered):
            _, counts = np.unique(values, return_counts=True)
            runs[row] = float((counts.astype(np.float64) ** 3 - counts).sum())
        whole = 2.0 * n
        variance = n * n / 12 * ((whole + 1) - runs / (whole * (whole - 1)))
        found[:, look] = (u - n * n / 2) / np.sqrt(np.maximum(variance, 1e-9)) > _ONE_SIDED_1
    return found
