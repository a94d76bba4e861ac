"""A text that comes in pieces, cleaned so that what is told of it early is the beginning of the whole, cleaned."""

from __future__ import annotations

from ..redaction.types import Redactor, TextWithheld
from ..tools.shown import end_of_paragraphs

# What tells of a value can come after it: the rest of a card number, the name of a secret below its value.
_HELD_CHARACTERS = 2_000
_HELD_LINES = 16
# All of the text so far is cleaned again each time, so not for every piece.
_STEP = 500


class CleanStream:
    """Collects what a model says; pieces come out cleaned, up to the last empty line far enough behind the end.

    Manifests, tables, keys and blocks of code hold no empty line or stand between fences, and are told whole. The
    pieces together are the cleaned whole; a short answer comes in one piece, at its end.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._text = ""
        self._told = ""
        self._looked_at = 0

    def more(self, piece: str) -> str:
        """What can be told now that another piece has come; mostly nothing.

        Raises:
            TextWithheld: as `rest`.
        """
        self._text += piece
        if len(self._text) < max(_HELD_CHARACTERS, self._looked_at + _STEP):
            return ""
        self._looked_at = len(self._text)
        # A value is never cleaned, numbered and kept before all of it has come.
        end = end_of_paragraphs(self._text, len(self._text))
        whole = self._clean(self._text[:end])
        most = _far_behind_the_end(whole + self._text[end:])
        return self._tell(whole[: max(end_of_paragraphs(whole, most), len(self._told))])

    def rest(self) -> str:
        """What is left to tell when everything has come.

        Raises:
            TextWithheld: it could not be proven clean, or its end changes what its beginning shows.
        """
        return self._tell(self._clean(self._text))

    def _clean(self, text: str) -> str:
        whole = self._redactor.clean_ours(text).text
        if not whole.startswith(self._told):
            raise TextWithheld("the end of an answer changes what its beginning shows", reason="unstable")
        return whole

    def _tell(self, end: str) -> str:
        ready = end[len(self._told) :]
        self._told = end
        return ready


def _far_behind_the_end(text: str) -> int:
    """Before this place, nothing that comes can matter any more."""
    line = len(text)
    for _ in range(_HELD_LINES):
        line = text.rfind("\n", 0, max(line, 0))
    return max(min(len(text) - _HELD_CHARACTERS, line), 0)
