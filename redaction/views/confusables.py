"""Letters of other scripts that pass for Latin ones, undone in words that mix scripts.

A word of one script is left as it is: `Сара` is a name. The pairs are a small part of the tables of Unicode Technical
Standard 39 (confusables.txt), with some that only look alike at the size of a log viewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .folding import Replacement

_CYRILLIC = ("аеорсухіјѕһԁԛԝѵӏкмтнпгвьԍүёїАВЕЅІЈКМНОРСТУХԚԜҮӀѴ", "aeopcyxijshdqwvlkmthnrbbgyeiABESIJKMHOPCTYXQWYIV")
_GREEK = ("αβγεηικνορτυχωϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿ", "abyenikvoptuxwcjABEZHIKMNOPTYXCJ")
_ARMENIAN = ("օոսհցյզ", "onuhgjq")
_LATIN = ("ɑɡɩ", "agi")
LATIN = {
    letter: latin
    for letters, latins in (_CYRILLIC, _GREEK, _ARMENIAN, _LATIN)
    for letter, latin in zip(letters, latins, strict=True)
}
"""A letter and the Latin one that it passes for."""

_ANY = re.compile(f"[{''.join(LATIN)}]")
_WORD = re.compile(r"\w++")
_KEY_AHEAD = re.compile(r"""\\{0,7}["'\]]?[ \t]{0,4}(?:=|:)""")


def unmixed(text: str) -> Iterator[Replacement]:
    """Letters that pass for Latin ones, in words with Latin letters and in keys that would not be read otherwise."""
    if text.isascii() or _ANY.search(text) is None:
        return
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii() or not _passes_for_latin(word):
            continue
        if not any(one.isascii() and one.isalpha() for one in word) and not _KEY_AHEAD.match(text, match.end()):
            continue
        for at, letter in enumerate(word, match.start()):
            if letter in LATIN:
                yield at, at + 1, LATIN[letter]


def in_latin(word: str) -> str:
    """How `unmixed` writes a key: the same word unless all its letters pass for Latin ones, as those of `паспорт`."""
    return "".join(LATIN.get(one, one) for one in word) if _passes_for_latin(word) else word


def _passes_for_latin(word: str) -> bool:
    return any(one in LATIN for one in word) and all(one.isascii() or one in LATIN for one in word)
