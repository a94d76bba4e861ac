"""What a person could overlook in a value: letters that pass for others, characters that nobody sees, sheer length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from ..core.canonical import JsonValue

_LONG = 1_000
_MOST = 20
_LONGEST_PATH = 80
_WORD = re.compile(r"[^\W\d_]+")
# Line breaks and tabs are seen where a text is shown in lines; everything else of these kinds is not.
_SEEN = frozenset("\n\t")
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
# Letters that look like nothing: fillers and variation selectors.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")


def cautions(value: JsonValue, name: str) -> list[str]:
    """One line per doubt about what stands in a value, at most twenty.

    Args:
        value: clean.
        name: what people call the value; inner places are added to it.
    """
    found: list[str] = []
    for path, text in _texts(value, name):
        found += [f"{visible(path)[:_LONGEST_PATH]} {doubt}" for doubt in _doubts(text)]
        if len(found) >= _MOST:
            return [*found[: _MOST - 1], "there are more doubts than are listed here"]
    return found


def visible(text: str) -> str:
    r"""The text with everything that nobody sees, or that a terminal would obey, spelled out: `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(one) if is_unseen(one) else one for one in text)


def is_unseen(character: str) -> bool:
    """Whether a character leaves no mark of its own, or moves what stands around it."""
    return unicodedata.category(character) in _UNSEEN_KINDS or _BLANK.match(character) is not None


def _spelled(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _doubts(text: str) -> Iterator[str]:
    if len(text) > _LONG:
        yield f"is {len(text)} characters long: what matters may stand anywhere in it"
    if text.isascii() and text.isprintable():
        return
    unseen = sorted({f"U+{ord(one):04X}" for one in text if one not in _SEEN and is_unseen(one)})
    if unseen:
        yield f"holds characters that nobody sees: {', '.join(unseen[:5])}{' …' if len(unseen) > 5 else ''}"
    if any(len(_scripts(word)) > 1 for word in _WORD.findall(text)):
        yield "holds a word in letters of several scripts, of which some may pass for others"
    elif not unseen and unicodedata.normalize("NFKC", text) != unicodedata.normalize("NFC", text):
        yield "holds characters in an unusual form: wide, narrow, raised or joined ones"


def _scripts(word: str) -> set[str]:
    if word.isascii():
        return {"LATIN"}
    names = {unicodedata.name(one, "").partition(" ")[0] for one in word}
    return names & set(_SCRIPTS)


def _texts(value: JsonValue, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield f"a name in {path}", key
            yield from _texts(item, f"{path}.{key}")
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item, f"{path}[]")
