"""Finding keys and the values under them in text of any dress, without parsing any of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .normalise import OPAQUE

# `a= b` is an empty value and something else; `a = b` and `a: b` are a value.
_SEPARATOR = r"""\\{0,3}["'\]]?(?:[ \t]{0,4}(?:=>|:=|:)[ \t]{0,4}|[ \t]{1,4}=[ \t]{0,4}|=)(?=\S)"""
# key=value, key: value, "key":"value", \"key\":\"value\", key => value, key := value
_PAIR = re.compile(r"(?<![\w])([^\W\d][\w.\-]{0,63}+)" + _SEPARATOR)
_PAIR_ASCII = re.compile(_PAIR.pattern, re.ASCII)
_FLAG = re.compile(r"--([A-Za-z][\w\-]{1,63}+)[ \t]{1,4}(?=[^\s\-])")
_TAG = re.compile(r"<([A-Za-z][\w:.\-]{0,63}+)(?:[ \t][^<>]{0,256})?>(?=[^<\s])")
_QUOTE = re.compile(r"""(\\{0,3})(["'`])""")
# A quote with a letter right behind it does not close: O'Brien.
_QUOTED = {
    '"': re.compile(r'(?:[^"\\\n]|\\.|"(?=\w))*+'),
    "'": re.compile(r"(?:[^'\\\n]|\\.|'(?=\w))*+"),
    "`": re.compile(r"(?:[^`\\\n]|\\.|`(?=\w))*+"),
}
_LINE = re.compile(r"[^\n]*+")
_CONTENT = re.compile(r"[^<]*+")
_LIST_ITEM = re.compile(r"""[\s,]{0,8}(?=\\{0,3}["'])""")
_LIST_LIMIT = 64

# The key right in front of a place, read backwards.
_KEY_BEHIND = re.compile(r"""[\["'\\ \t({]{0,6}(?:>=|=:|[=:])[ \t]{0,4}["'\\\]]{0,5}([\w.\-]{1,64})""")
_WORD_BEHIND = re.compile(r"[_\-#]{1,2}([A-Za-z][A-Za-z_\-]{0,31})")


class Value(NamedTuple):
    """Where a value lies; quotes are not part of it."""

    start: int
    end: int
    quoted: bool


class Pair(NamedTuple):
    """A key and the place where its value begins."""

    key: str
    at: int
    tagged: bool
    """The value ends with the next tag."""


def pairs(text: str) -> Iterator[Pair]:
    """Every key in the text that something stands under."""
    for match in (_PAIR_ASCII if text.isascii() else _PAIR).finditer(text):
        key = match[1]
        yield Pair(key, match.end(), False)
        # The first letter may belong to an escaped line break: `\\npassword=`.
        if key[0] in "nrt" and text[match.start() - 1 : match.start()] == "\\":
            yield Pair(key[1:], match.end(), False)
    if "--" in text:
        for match in _FLAG.finditer(text):
            yield Pair(match[1], match.end(), False)
    if "</" in text:
        for match in _TAG.finditer(text):
            yield Pair(match[1].rpartition(":")[2], match.end(), True)


class Values:
    """Reads the values of one text.

    Ends that were found are remembered: keys may lie inside values, and looking for the same end from each of them
    would cost the square of the text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: dict[str, tuple[int, int]] = {}

    def under(self, pair: Pair) -> Iterator[Value]:
        """The value under a key; several when it is a list of quoted texts, none when a placeholder stands there.

        A value without quotes is given to the end of its line; how much of that counts is for the rule to say.
        """
        if pair.tagged:
            yield from self._unless_opaque(Value(pair.at, self._end("<", _CONTENT, pair.at), True))
        elif self._text[pair.at] == "[" and _LIST_ITEM.match(self._text, pair.at + 1):
            yield from self._items(pair.at + 1)
        else:
            yield from self._unless_opaque(self._value(pair.at))

    def _unless_opaque(self, value: Value) -> Iterator[Value]:
        if value.start < value.end and self._text[value.start] != OPAQUE:
            yield value

    def _items(self, at: int) -> Iterator[Value]:
        for _ in range(_LIST_LIMIT):
            match = _LIST_ITEM.match(self._text, at)
            if match is None:
                return
            value = self._value(match.end())
            yield from self._unless_opaque(value)
            quote = _QUOTE.match(self._text, value.end)
            at = quote.end() if quote else value.end

    def _value(self, at: int) -> Value:
        quote = _QUOTE.match(self._text, at)
        if quote is None:
            return Value(at, self._end("\n", _LINE, at), False)
        start = quote.end()
        if not quote[1]:
            return Value(start, self._end(quote[2], _QUOTED[quote[2]], start), True)
        line_end = self._end("\n", _LINE, start)
        close = self._text.find(quote.group(), start, line_end)
        return Value(start, close if close >= 0 else line_end, True)

    def _end(self, kind: str, pattern: re.Pattern[str], at: int) -> int:
        start, end = self._ends.get(kind, (0, 0))
        if not start <= at < end:
            match = pattern.match(self._text, at)
            start, end = at, match.end() if match else at
            self._ends[kind] = (start, end)
        return end


def key_behind(text: str, at: int) -> str | None:
    """The key whose value begins at a place, or None. `order_id=`, `"order_id": "`, and `blk_` when it touches."""
    before = text[max(0, at - 80) : at][::-1]
    match = _KEY_BEHIND.match(before) or _WORD_BEHIND.match(before)
    return match[1][::-1] if match else None
