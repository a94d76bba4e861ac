"""How far the share of requests that do something moved from its own past, without a unit.

The signed root of the likelihood ratio of two binomial shares (Wilks 1938), divided by how much wider than chance the
share spreads between the blocks of the baseline: the quasi-binomial dispersion, never below 1 (McCullagh and Nelder,
"Generalized Linear Models", 1989, section 4.5). Like the score of a
shifted series it counts usual wobbles: 3 and more stands out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..metrics.series import Floats

_CEILING = 1_000.0


def share_shift(
    before_blocks: npt.ArrayLike, after: npt.ArrayLike, of_blocks: npt.ArrayLike, of_after: npt.ArrayLike
) -> Floats:
    """Signed scores of n shares.

    Args:
        before_blocks: (n, k) requests with the event in the k blocks of the baseline.
        after: (n,) the same in the window.
        of_blocks: (n, k) all requests of each block.
        of_after: (n,) all requests of the window.

    Returns:
        (n,) above zero where the share rose, below where it fell, within ±1000; 0 where either side had no request.
    """
    blocks, of = np.asarray(before_blocks, np.float64), np.asarray(of_blocks, np.float64)
    gained, window = np.asarray(after, np.float64), np.asarray(of_after, np.float64)
    lost, quiet = blocks.sum(axis=1), of.sum(axis=1)
    usable = (quiet > 0) & (window > 0)
    old, new = _share(lost, quiet), _share(gained, window)
    common = _share(lost + gained, quiet + window)
    ratio = _surprise(lost, quiet, old, common) + _surprise(gained, window, new, common)
    root = np.sqrt(2 * np.maximum(ratio, 0)) * np.sign(new - old)
    return np.where(usable, np.clip(root / np.sqrt(_dispersion(blocks, of, old)), -_CEILING, _CEILING), 0.0)


def share_wobble(blocks: npt.ArrayLike, of: npt.ArrayLike) -> Floats:
    """How far n shares wander between the blocks of a quiet time, beyond what so few requests do by chance.

    Args:
        blocks: (n, k) requests with the event.
        of: (n, k) all requests.
    """
    part, whole = np.asarray(blocks, np.float64), np.asarray(of, np.float64)
    share = _share(part.sum(axis=1), whole.sum(axis=1))
    beyond = (_dispersion(part, whole, share) - 1) * share * (1 - share)
    filled = np.maximum((whole > 0).sum(axis=1), 1)
    wobble: Floats = np.sqrt(_share(beyond * filled, whole.sum(axis=1)))
    return wobble


def size_of_shift(before: npt.ArrayLike, after: npt.ArrayLike) -> Floats:
    """How large the step from one share to another is, from 0 to 1: Cohen's h over its largest value, pi.

    Significance grows with the number of requests; this does not. From never to always is 1, from a half to nine in
    ten is 0.3.
    """
    angles = [2 * np.arcsin(np.sqrt(np.clip(np.asarray(share, np.float64), 0, 1))) for share in (before, after)]
    size: Floats = np.abs(angles[0] - angles[1]) / np.pi
    return size


def _share(part: Floats, total: Floats) -> Floats:
    return np.divide(part, total, out=np.zeros_like(part), where=total > 0)


def _surprise(part: Floats, total: Floats, own: Floats, common: Floats) -> Floats:
    """Log likelihood of a count under its own share over that under the common one."""
    return _times_log(part, own, common) + _times_log(total - part, 1 - own, 1 - common)


def _times_log(count: Floats, own: Floats, common: Floats) -> Floats:
    ratio = np.divide(own, common, out=np.ones_like(own), where=(count > 0) & (own > 0) & (common > 0))
    logged: Floats = count * np.log(ratio)
    return logged


def _dispersion(blocks: Floats, of: Floats, share: Floats) -> Floats:
    """Pearson's statistic over its degrees of freedom, at least 1.

    Neighbouring blocks count as one until at least one request with and one without the event is expected in it:
    Cochran's rule (1954). Else a single exception among few requests would look like wild wandering.
    """
    squares, used = np.zeros(len(blocks)), np.zeros(len(blocks))
    part, whole = np.zeros(len(blocks)), np.zeros(len(blocks))
    for place in range(blocks.shape[1]):
        part, whole = part + blocks[:, place], whole + of[:, place]
        expected = share * whole
        variance = expected * (1 - share)
        full = np.minimum(expected, whole - expected) >= 1
        squares += np.divide((part - expected) ** 2, variance, out=np.zeros_like(part), where=full)
        used += full
        part, whole = np.where(full, 0, part), np.where(full, 0, whole)
    spread: Floats = np.maximum(np.divide(squares, used - 1, out=np.ones_like(squares), where=used > 1), 1.0)
    return spread
