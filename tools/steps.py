"""When a level changed: the moment from which a stretch of time left its past level, fitted by least squares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def first_of_step(weights: Floats, excess: Floats) -> int | None:
    """The first bucket of the new level, 0 if all of them have it; `None` if there is nothing to split.

    The level before the step is the past one, so a step explains the square of what lies behind it over its weight.

    Args:
        weights: (T,) what each bucket holds, >= 0: values, attempts, seconds.
        excess: (T,) by how much each bucket lies above its past, weighted the same way; below it if negative.
    """
    if not len(weights) or weights.sum() <= 0 or excess.sum() == 0:
        return None
    held, left = np.cumsum(weights[::-1])[::-1], np.cumsum((excess * np.sign(excess.sum()))[::-1])[::-1]
    explained = np.divide(np.maximum(left, 0.0) ** 2, held, out=np.zeros(len(held)), where=held > 0)
    # Buckets that hold nothing belong to what comes after them.
    return int(np.argmax(np.where(weights > 0, explained, -1.0)))
