"""Keys of a published format that stand backwards or in ROT13, so that nobody who reads over them knows them."""

from __future__ import annotations

import codecs
import re

from ..definition import Definition, Hit, Long
from ..secrets.random_values import is_drawn, is_words
from ..secrets.token_formats import TOKEN_FORMATS

_REACH = 512
_EDGES, _DOTS = ".~/+", (".", "~")
_REST = re.compile(rf"[A-Za-z0-9+/_\-.~]{{0,{_REACH}}}")
# Formats without a sign behind the prefix, as in `aws_key`, `service_token` and `json_web_token`.
_UNSIGNED = (
    *((prefix, r"[A-Z2-7]{16}(?![A-Za-z0-9])") for prefix in ("AKIA", "ASIA", "ABIA", "ACCA")),
    ("LTAI", r"[A-Za-z0-9]{12,30}(?![A-Za-z0-9])"),
    ("AKID", r"[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    ("AIza", r"[A-Za-z0-9_-]{35,64}"),
    ("eyJ", r"[A-Za-z0-9_-]{8,512}\.eyJ[A-Za-z0-9_-]{8}"),
)
_FORMATS = (
    *((each.prefix, re.compile(each.body), True) for each in TOKEN_FORMATS),
    *((prefix, re.compile(body), False) for prefix, body in _UNSIGNED),
)
_BY_BEGINNING = {
    beginning: tuple(each for each in _FORMATS if each[0][:2] == beginning)
    for beginning in dict.fromkeys(prefix[:2] for prefix, _, _ in _FORMATS)
}
_REVERSED = frozenset(beginning[::-1] for beginning in _BY_BEGINNING)
_ROTATED = frozenset(codecs.encode(beginning, "rot13") for beginning in _BY_BEGINNING)


def _turned(text: str, start: int, end: int) -> Hit | None:
    """The word, with dots inside of it, if it is a key once turned; a name that happens to begin so is none."""
    is_dotted = text[end : end + 1] in _DOTS or text[start - 1 : start] in _DOTS
    if not is_dotted and text[start : start + 2] not in _ROTATED and text[end - 2 : end] not in _REVERSED:
        return None  # at once, since logs are full of long words
    before, behind = _REST.match(text[max(0, start - _REACH) : start][::-1]), _REST.match(text, end)
    first, last = start - (before.end() if before else 0), behind.end() if behind else end
    word = text[first:last]
    first, word = first + len(word) - len(word.lstrip(_EDGES)), word.strip(_EDGES)
    is_key = (word[-2:] in _REVERSED and _is_key(word[::-1])) or (
        word[:2] in _ROTATED and _is_key(codecs.encode(word, "rot13"))
    )
    if is_key and not is_words(word):
        return first, first + len(word), 0.9
    return None


def _is_key(word: str) -> bool:
    return any(
        word.startswith(prefix) and body.match(word, len(prefix)) and (not is_signed or is_drawn(word[len(prefix) :]))
        for prefix, body, is_signed in _BY_BEGINNING.get(word[:2], ())
    )


TURNED_TOKEN = Definition("SECRET", (Long("", check=_turned),), restorable=False, name="turned_token")
