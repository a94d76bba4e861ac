"""When a level changed: the split of a stretch of time into two levels that fits best."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_FROM_THE_START = 0.5
"""A split that tells less than half of what the whole stretch tells against the past says that it began before."""


def first_of_step(weights: Floats, excess: Floats) -> int | None:
    """The first bucket of the new level, 0 if all of them have it; `None` if there is nothing to split.

    Args:
        weights: (T,) what each bucket holds, >= 0: values, attempts, seconds.
        excess: (T,) by how much each bucket lies above its past, weighted the same way; below it if negative.

    Source: the least-squares change point of a single step in the mean (Page, Biometrika 41, 1954, is the idea).
    """
    held, total = np.cumsum(weights), np.cumsum(excess)
    if not len(held) or held[-1] <= 0 or total[-1] == 0:
        return None
    inner = (held > 0) & (held[-1] - held > 0)
    rest = held[-1] - held[inner]
    gain = np.zeros(len(held))
    step = (total[-1] - total[inner]) / rest - total[inner] / held[inner]
    gain[inner] = step * np.sign(total[-1]) * np.sqrt(held[inner] * rest / held[-1])
    best = int(np.argmax(gain))
    return 0 if gain[best] <= _FROM_THE_START * abs(total[-1]) / math.sqrt(held[-1]) else best + 1
