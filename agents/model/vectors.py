"""From an endpoint's answer to vectors: one per text, in the order of the texts, and a count that can be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.tokens import estimate_tokens
from .failures import unusable

_MOST_TOKENS = 100_000_000


def vectors_in(endpoint: str, response: Any, count: int) -> list[list[float]]:
    """The vectors of an answer. Whether they can be used is for the gate to say.

    Raises:
        ModelError: it has no shape we know, or not one vector per text.
    """
    rows = getattr(response, "data", None)
    if not isinstance(rows, Sequence):
        raise unusable(endpoint, "it holds no vectors", is_answer=False)
    if len(rows) != count:
        raise unusable(endpoint, f"it holds {len(rows)} vectors for {count} texts", is_answer=False)
    found: dict[int, list[float]] = {}
    for row in rows:
        place, vector = _field(row, "index"), _field(row, "embedding")
        if not isinstance(place, int) or not 0 <= place < count or not isinstance(vector, list):
            raise unusable(endpoint, "it holds no vectors", is_answer=False)
        found[place] = vector
    if len(found) < count:
        raise unusable(endpoint, f"it holds vectors for {len(found)} of {count} texts", is_answer=False)
    return [found[place] for place in range(count)]


def embedded_tokens(response: Any, texts: Sequence[str]) -> int:
    """What the endpoint says that the texts took, where it can be believed; else an estimate."""
    told = _field(getattr(response, "usage", None), "prompt_tokens")
    if isinstance(told, int) and not isinstance(told, bool) and 0 < told <= _MOST_TOKENS:
        return told
    return sum(estimate_tokens(text) for text in texts)


def _field(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)
