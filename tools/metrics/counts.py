"""How far a count moved from its own past, without a unit.

The significance of a count in one stretch against the count in another one: the signed root of the likelihood ratio of
two Poisson rates, formula 17 of Li and Ma, "Analysis methods for results in gamma-ray astronomy", Astrophysical
Journal 272 (1983). Lines and errors come in bursts, so real counts wander more than Poisson's; the score is divided by
how much wider they spread: the relative variance of the baseline's blocks beyond Poisson (method of moments for the
negative binomial), and never less than a fifth of the level. The second part is ours.

Like the score of a shifted series it counts usual wobbles: 3 and more stands out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .series import Floats

_CEILING = 1_000.0
_RELATIVE_FLOOR = 0.2


def count_shift(
    before_blocks: npt.ArrayLike, after: npt.ArrayLike, exposure_blocks: npt.ArrayLike, exposure_after: npt.ArrayLike
) -> Floats:
    """Signed scores of n counts.

    Args:
        before_blocks: (n, k) counts in the k blocks of the baseline.
        after: (n,) counts in the window.
        exposure_blocks: (n, k) or (k,): what each block could have had: seconds, or calls; >= 0.
        exposure_after: (n,) or a number: the same for the window.

    Returns:
        (n,) above zero where the count rose, below where it fell, within ±1000; 0 where either side had no exposure.
    """
    blocks = np.asarray(before_blocks, np.float64)
    gained = np.asarray(after, np.float64)
    shares = np.broadcast_to(np.asarray(exposure_blocks, np.float64), blocks.shape)
    window = np.broadcast_to(np.asarray(exposure_after, np.float64), gained.shape)
    lost, quiet = blocks.sum(axis=1), shares.sum(axis=1)
    usable = (quiet > 0) & (window > 0)
    alpha = np.divide(window, quiet, out=np.ones_like(gained), where=usable)
    total = gained + lost
    ratio = _times_log(gained, (1 + alpha) / alpha, total) + _times_log(lost, 1 + alpha, total)
    expected = alpha * lost
    # Differences of rounding can leave a ratio of equal rates just below zero.
    root = np.sqrt(2 * np.maximum(ratio, 0)) * np.sign(gained - expected)
    spread = np.sqrt(1 + _excess(blocks, shares, lost, quiet) * expected)
    return np.where(usable, np.clip(root / spread, -_CEILING, _CEILING), 0.0)


def _times_log(part: Floats, weight: Floats, total: Floats) -> Floats:
    share = np.divide(part * weight, total, out=np.ones_like(part), where=(part > 0) & (total > 0))
    logged: Floats = part * np.log(share)
    return logged


def _excess(blocks: Floats, shares: Floats, lost: Floats, quiet: Floats) -> Floats:
    """Relative variance of the rate between blocks beyond what Poisson gives, at least the floor squared."""
    rate = np.divide(lost, quiet, out=np.zeros_like(lost), where=quiet > 0)
    expected = rate[:, None] * shares
    squares = ((blocks - expected) ** 2).sum(axis=1)
    # Degrees of freedom: the level was estimated from the same blocks.
    used = np.maximum((shares > 0).sum(axis=1), 2)
    beyond = squares * used / (used - 1) - lost
    norm = (expected**2).sum(axis=1)
    excess = np.divide(beyond, norm, out=np.zeros_like(lost), where=norm > 0)
    floored: Floats = np.maximum(excess, _RELATIVE_FLOOR**2)
    return floored
