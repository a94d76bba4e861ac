"""Putting back, in what a model answers, the values that the same conversation sent; and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable

from ...core.canonical import JsonValue
from ...core.errors import RedactionError
from ...redaction.placeholders import Placeholder, places
from ...redaction.types import Redactor

_LONGEST_MARK = 80


class Restoring:
    """Knows the values of one conversation.

    Args:
        redactor: of the conversation's run; its vault holds nobody else's values.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def text(self, text: str) -> str:
        """The text with values put back; a mark that stands for nothing of this conversation stays a mark."""
        parts: list[str] = []
        done = 0
        for place in places(text):
            parts += (text[done : place.start], self._value(place.placeholder))
            done = place.end
        return "".join((*parts, text[done:]))

    def json_text(self, text: str) -> str:
        """The same for JSON in a text: values are put into its strings, so that they cannot change its structure.

        In what is no JSON marks stay: whoever mends it would take parts of a value for structure.
        """
        try:
            return json.dumps(self._inside(json.loads(text)), ensure_ascii=False)
        except (ValueError, RecursionError):
            return text

    def _inside(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self._inside(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._inside(item) for item in value]
        return value

    def _value(self, placeholder: Placeholder) -> str:
        try:
            return self._redactor.restore(str(placeholder), frozenset({placeholder.entity_type}))
        except RedactionError:
            return str(placeholder)


class RestoringStream:
    """Restores a text that comes in pieces; never lets half a mark out.

    Args:
        restore: for a text that ends in no half mark.
    """

    def __init__(self, restore: Callable[[str], str]) -> None:
        self._restore = restore
        self._held = ""

    def more(self, piece: str) -> str:
        """What can be told now."""
        text = self._held + piece
        begin = text.rfind("<", max(len(text) - _LONGEST_MARK, 0))
        cut = begin if begin >= 0 and ">" not in text[begin:] else len(text)
        self._held = text[cut:]
        return self._restore(text[:cut])

    def rest(self) -> str:
        """What was held back."""
        text, self._held = self._held, ""
        return self._restore(text)
