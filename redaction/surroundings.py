"""What stands around a bare number, and how much of it speaks for personal data."""

from __future__ import annotations

import re

from .definition import Evidence
from .diagnosis import DIAGNOSIS, FILLERS, UNITS, says_diagnosis
from .key_names import key_words
from .key_values import key_behind

_REACH = 48
_WORDS_BEHIND = 6
_LONGEST_PHRASE = 4
_UNIT_AFTER = re.compile(rf"[ \t]?(?:{'|'.join(UNITS)})(?![A-Za-z0-9])", re.IGNORECASE)
# A number that touches one of these with more behind it is a part of something longer.
_TOUCHING = frozenset("_-#/:.@+$&~")
_RARE = 50

SAID, UNDER_SOME_KEY, BARE = 0.85, 0.5, 0.45
"""Scores: a word says what it is; it stands under a key that says nothing; nothing but its check digits speaks."""


class Surroundings:
    """The key over [start, end) and the words in front of it; made once for all rules that look at this place.

    Words count up to the first one that names something else: in `cpf 1 order 2` the 2 belongs to the order.
    """

    __slots__ = ("_has_key", "_is_diagnosis", "_is_part", "_phrases")

    def __init__(self, text: str, start: int, end: int) -> None:
        key = key_behind(text, start)
        words = key_words(key) if key is not None else ()
        self._has_key = key is not None and text[start - 1] not in "_-#"
        self._is_diagnosis = says_diagnosis(words)
        self._phrases = _phrases(words)
        if not self._is_diagnosis:
            near = _words_before(text, start)
            if key is None and says_diagnosis(near):
                self._is_diagnosis = True
            else:
                self._phrases |= _phrases(near)
        if _UNIT_AFTER.match(text, end):
            self._is_diagnosis = True
        self._is_part = _is_part(text, start, end)

    def score(self, evidence: Evidence) -> float:
        """How sure a number that passes its check is then; 0 for not at all."""
        if not self._phrases.isdisjoint(evidence.words):
            return SAID
        if self._is_diagnosis or self._is_part or evidence.one_in < 10:
            return 0.0
        if self._has_key:
            return UNDER_SOME_KEY + (0.1 if evidence.one_in >= _RARE else 0.0)
        return BARE if evidence.one_in >= _RARE else 0.0


def _words_before(text: str, start: int) -> tuple[str, ...]:
    """The last words of the line in front of a place, from the last one that names something else on."""
    before = text[max(0, start - _REACH) : start]
    before = before[before.rfind("\n") + 1 :]
    words = key_words(before)[-_WORDS_BEHIND:]
    for place in range(len(words) - 1, -1, -1):
        if words[place] in DIAGNOSIS and words[place] not in FILLERS:
            return words[place:]
    return words


def _phrases(words: tuple[str, ...]) -> frozenset[str]:
    """Words and neighbouring words, glued as `Evidence.words` are."""
    return frozenset(
        "".join(words[first : first + count])
        for count in range(1, _LONGEST_PHRASE + 1)
        for first in range(len(words) - count + 1)
    )


def _touches_word(text: str, start: int) -> bool:
    return start > 0 and (text[start - 1] in _TOUCHING or text[start - 1].isalnum())


def _is_part(text: str, start: int, end: int) -> bool:
    """Whether the number is a piece of a longer word, name, path or figure."""
    if _touches_word(text, start):
        # `key:value` without a space.
        return not (text[start - 1] == ":" and start > 1 and (text[start - 2].isalpha() or text[start - 2] in "\"'"))
    after = text[end : end + 1]
    return after.isalnum() or (after in _TOUCHING and text[end + 1 : end + 2].isalnum() and after != "&")
