"""What a tool is lent to hold texts against each other by their meaning: a model that makes vectors of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Vectors = Sequence[Sequence[float]]
"""One per text, all of one length, of finite numbers and none of them all zero."""


class Embedder(Protocol):
    """A model of sentences, as the gate lends it for one call."""

    @property
    def model(self) -> str:
        """Its name; vectors of two models mean nothing to each other."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A vector for each text, within a short time.

        Raises:
            BackendError: there are none; the message says why, in words of ours.
        """
        ...
