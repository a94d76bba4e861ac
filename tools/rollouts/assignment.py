"""Whether requests were split between champion and canary as they should have been.

A split that is off says that one side loses requests before they are counted, or that others are sent to it; then
nothing else that the two sides show can be compared.

Source: Lindon and Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022: the mixture of binomials
over a beta distribution, centred at the expected share.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .evidence import Floats

MISMATCH = 0.001
"""How often a right split is ever called wrong."""
_WEIGHT = 1_000.0
"""Requests that the prior is worth: splits that are off by a few per cent are found first."""
_STIRLING = 7.0


def mismatched(champion: Floats, canary: Floats, share: float, factor: Floats | float = 1.0) -> npt.NDArray[np.bool_]:
    """Whether the split was off by then, after every look.

    Args:
        champion: (..., T) requests that it answered.
        canary: (..., T) those of the canary.
        share: of the canary, as configured; in (0, 1).
        factor: by what the evidence is divided, where requests come in bursts.
    """
    a, b = np.cumsum(np.nan_to_num(champion), -1), np.cumsum(np.nan_to_num(canary), -1)
    alpha, beta = _WEIGHT * (1 - share), _WEIGHT * share
    log = _log_gamma(alpha + a) + _log_gamma(beta + b) - _log_gamma(_WEIGHT + a + b)
    log = log - (_log_gamma(np.asarray(alpha)) + _log_gamma(np.asarray(beta)) - _log_gamma(np.asarray(_WEIGHT)))
    log = log - a * np.log(1 - share) - b * np.log(share)
    off = log / factor >= np.log(1 / MISMATCH)
    found: npt.NDArray[np.bool_] = np.logical_or.accumulate(off, axis=-1)
    return found


def _log_gamma(x: Floats) -> Floats:
    """Stirling's series, after shifting small arguments up; to about 1e-9."""
    shift = np.zeros_like(x, dtype=np.float64)
    y = np.asarray(x, dtype=np.float64)
    for _ in range(int(_STIRLING)):
        shift = np.where(y < _STIRLING, shift + np.log(y), shift)
        y = np.where(y < _STIRLING, y + 1, y)
    series = 1 / (12 * y) - 1 / (360 * y**3) + 1 / (1260 * y**5)
    found: Floats = (y - 0.5) * np.log(y) - y + 0.5 * np.log(2 * np.pi) + series - shift
    return found
