"""Recognizers that are not made of our rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from .types import Span


@runtime_checkable
class Foreign(Protocol):
    """Finds something by itself, in any view of a text, and fails closed."""

    entity_types: tuple[str, ...]

    def find(self, text: str, opaque: Sequence[tuple[int, int]] = ()) -> list[Span]:
        """What it finds; `opaque` are sorted, disjoint ranges that hold placeholders.

        Raises:
            TextWithheld: it could not look at all of the text.
        """
        ...
