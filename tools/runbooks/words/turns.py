"""Turns of speech and messages of programs in a question, and what they mean.

A turn is found in any form of its words, the longest first. A spoken one is taken out of the text: the words in it are
meant otherwise ("through the roof" is about no roof). What a program said stays, as pages may quote it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from .cutting import fold, stem
from .errors import ERRORS
from .spoken import SPOKEN
from .spoken_abroad import PORTUGUESE, SPANISH

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_APOSTROPHE = re.compile(r"['’]")
_PROMPT = " the "
"""In place of what is taken out: a word that says nothing, so that its neighbours make no pair."""


@dataclass(frozen=True)
class Turns:
    """What was found in a text.

    Args:
        rest: the text without what was spoken.
        spoken: English words that are meant by it.
        said: English words for what programs said.
    """

    rest: str
    spoken: tuple[str, ...]
    said: tuple[str, ...]


def turns_in(text: str, language: Literal["en", "es", "pt"]) -> Turns:
    """The turns of a text in a language; programs speak English everywhere."""
    found = [*_WORD.finditer(text)]
    stems = [stem(fold(_APOSTROPHE.sub("", each[0]))) for each in found]
    spoken = _found(stems, _known()[language])
    said = _found(stems, _known()["said"])
    for first, last, _ in reversed(spoken):
        text = text[: found[first].start()] + _PROMPT + text[found[last].end() :]
    return Turns(text, _words(spoken), _words(said))


def _words(found: Sequence[tuple[int, int, tuple[str, ...]]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for _, _, meant in found for word in meant))


_Known = dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]
"""By the first stem of a turn: its stems, the longest first, and what is meant."""


@cache
def _known() -> dict[str, _Known]:
    return {"en": _read(SPOKEN), "es": _read(SPANISH), "pt": _read(PORTUGUESE), "said": _read(ERRORS)}


def _read(table: str) -> _Known:
    known: _Known = {}
    for line in table.replace("\n  ", " ").splitlines():
        turns, meant = (column.split() for column in line.split("|"))
        for turn in turns:
            stems = tuple(stem(part) for part in turn.split("_"))
            known.setdefault(stems[0], []).append((stems, tuple(meant)))
    for same in known.values():
        same.sort(key=lambda each: -len(each[0]))
    return known


def _found(stems: Sequence[str], known: _Known) -> list[tuple[int, int, tuple[str, ...]]]:
    """First and last word of each turn, and what is meant; none overlap."""
    found = []
    place = 0
    while place < len(stems):
        for turn, meant in known.get(stems[place], ()):
            if tuple(stems[place : place + len(turn)]) == turn:
                found.append((place, place + len(turn) - 1, meant))
                place += len(turn) - 1
                break
        place += 1
    return found
