"""Nearness in meaning where a model for it was lent, and a note of whether it took part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...core.errors import BackendError
from ..embedding import Embedder
from .index import RunbookIndex

MOST_VECTORS = 40_000
"""Of one index; what is beyond is found by words."""


class Meaning:
    """What one search gets from embeddings, if anything.

    Args:
        embedder: the model that the gate lends; without one nothing is asked and nothing is noted.
    """

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder
        self.note = ""

    def near(self, index: RunbookIndex, texts: Sequence[str]) -> Mapping[int, float]:
        """What its nearness adds to a page; nothing, and a note of why, where the model does not answer."""
        question = "\n".join(text for text in texts if text.strip())
        if self._embedder is None or not question or not index.count():
            return {}
        from .vectors import PageVectors  # noqa: PLC0415 - numpy, only where a model is configured

        try:
            found, missing = PageVectors(index, self._embedder).near(question)
        except BackendError as error:
            self.note = f"without embeddings: {error.message}"
            return {}
        self.note = "embeddings took part"
        if missing:
            self.note += f"; {missing} parts of pages have no vector yet, `opswarden runbook index` makes them"
        return found
