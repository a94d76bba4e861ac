"""Named streams of random numbers: each part of a world draws from its own, so that parts do not disturb each other."""

from __future__ import annotations

import hashlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]


class Streams:
    """Generators that depend on the seed and a name only.

    Asking for more log lines must not move the incident, and one more entity must not change the noise of another.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, *names: str | int) -> np.random.Generator:
        """A fresh generator for this name; the same name gives the same numbers."""
        text = "\x1f".join(str(name) for name in (self._seed, *names))
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


def chosen(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    """One of the options, each as likely."""
    return options[int(rng.integers(len(options)))]
