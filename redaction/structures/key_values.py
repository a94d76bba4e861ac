"""Finding keys and the values under them in text of any dress, without parsing any of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import NamedTuple

from ..views.normalise import OPAQUE
from .key_names import ITEM
from .pairs_found import Pair
from .structured import structured

__all__ = ["Pair", "Value", "Values", "key_behind", "pairs"]

# Marks that are parts of letters in scripts of South and South-East Asia, Arabic and Hebrew.
_MARKS = (
    r"\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0980-\u0dff\u0e31-\u0e4e"
    r"\u0eb1-\u0ecd\u1000-\u109f\u1780-\u17d3"
)
# `a= b` is an empty value and something else; `a = b` and `a: b` are a value, set in line with others or not.
_SEPARATOR = r"""[\\"'`\]]{0,9}+[ \t]{0,24}+(?:(?::=?|=>)[ \t]{0,24}+|(?<=[ \t])=[ \t]{0,24}+|=)(?=\S)"""
# key=value, key: value, "key":"value", \"key\":\"value\", key => value, key := value
_PAIR_ASCII = re.compile(r"\b([A-Za-z_][\w.\-]{0,63}+)" + _SEPARATOR, re.ASCII)
_PAIR = re.compile(rf"(?<![\w{_MARKS}])([^\W\d][\w.\-{_MARKS}]{{0,63}}+)" + _SEPARATOR)
# The words in front of the last one of a key: `Account Name: x`, "Full Name": "x".
_WORDS_BEHIND = re.compile(r" (?:[^\W\d]{2,20} ){0,2}[^\W\d]{2,20}(?![^\s\"'\\,{\[(|>])")
# `--password x`, and the same as items of a list: `["--password", "x"]`, `- --password` and `- x` below it.
_FLAG = re.compile(
    r"--([A-Za-z][\w\-]{1,63}+)(?:[ \t]{1,4}(?=[^\s\-])"
    r"|(?<=[A-Za-z0-9])\\?[\"'],[ \t\n]{0,40}(?=\\?[\"'][^\-])|[\"']?\n[ \t]{0,40}- (?=[^\s\-]))"
)
_QUOTE = re.compile(r"""(?:[bBuUrRfFeEnN]{1,2}(?=["']))?(\\{0,7})(["'`])""")
# A text of several lines, as Python and TOML have it.
_TRIPLE = re.compile(r"[bBuUrRfF]{0,2}(\"{3}|'{3})[ \t]*+\n?")
_LONGEST_TRIPLE = 16_384
# What says that there is a value and stands around it, as languages print it.
_AROUND = re.compile(
    r"(?:(?:Some|Optional|Just|Right|Ok|String|Text|Secret|SecretStr|Value|Present|NumberInt|NumberLong|int|float)[\[(]"
    r"|(?:Some|Just|Right|Ok) (?=\")|string\([0-9]{1,6}\) |chr (?=\")|<<(?=[\"']))"
)
# A quote with a letter right behind it does not close: O'Brien.
_QUOTED = {
    '"': re.compile(r'(?:[^"\\\n]|\\.|"(?=\w))*+'),
    "'": re.compile(r"(?:[^'\\\n]|\\.|''|'(?=\w))*+"),
    "`": re.compile(r"(?:[^`\\\n]|\\.|`(?=\w))*+"),
}
# The sign of a block scalar; what it holds stands on the lines below.
_BLOCK = re.compile(r"[|>][+\-]?[0-9]?[ \t]*+\n")
_LINE = re.compile(r"[^\n]*+")
_CONTENT = re.compile(r"[^<]*+")
_LIST_ITEM = re.compile(r"""[\s,]{0,40}(?=\\{0,7}["'])""")
_BARE_LIST = re.compile(r"[^\[\]{}\"'\n]{1,4096}+\](?=[\s,;}\])\"'.]|\Z)")
_BARE_ITEM = re.compile(r"[^\s,][^,]*+")
_LIST_LIMIT = 64
# What a plan changes a value to: `"old" -> "new"`.
_CHANGED = re.compile(r"""\\?["'][ \t]{1,8}->[ \t]{1,8}(?=\\?["'])""")

# The key right in front of a place, read backwards.
_KEY_BEHIND = re.compile(r"""[\["'\\ \t({]{0,10}(?:>=|=:|[=:])[ \t]{0,4}["'\\\]]{0,9}([\w.\-]{1,64})""")
_ELEMENT_BEHIND = re.compile(r">([\w.\-]{1,64})(?::[\w.\-]{1,40})?<")
_WORD_BEHIND = re.compile(r"[_\-#]{1,2}([A-Za-z][A-Za-z_\-]{0,31})")
_BETWEEN, _SIGNS, _TOUCHING = "[\"'\\ \t({", frozenset("=:>"), frozenset("_-#")
_EXACT: dict[str, re.Pattern[str]] = {}


class Value(NamedTuple):
    """Where a value lies; quotes are not part of it."""

    start: int
    end: int
    quoted: bool


def pairs(text: str, is_idle: Callable[[str], bool] = lambda _: False) -> Iterator[Pair]:
    """Every key in the text that something stands under, in the order of the values.

    `is_idle` says of which keys, if nothing else makes them longer, nobody wants to know.
    """
    others = list(structured(text))
    if "--" in text:
        others += (Pair(match[1], match.end()) for match in _FLAG.finditer(text))
    if not others:
        return _plain(text, is_idle)
    # Both parts are nearly in order, which sorting makes use of.
    return iter(sorted((*_plain(text, is_idle), *others), key=itemgetter(1)))


def _plain(text: str, is_idle: Callable[[str], bool]) -> Iterator[Pair]:
    for match in (_PAIR_ASCII if text.isascii() else _PAIR).finditer(text):
        key = match[1]
        start = match.start()
        before = text[start - 1] if start else ""
        if before != " " and is_idle(key):
            continue
        at = match.end()
        sign = text[at]
        is_spoken = before == " " and ":" in text[match.end(1) : at]
        if not is_spoken and is_idle(key):
            continue
        if sign == "[":
            key += ITEM
        elif sign in "|>" and _BLOCK.match(text, at):
            continue
        yield Pair(key, at)
        # The first letter may belong to an escaped line break: `\\npassword=`.
        if before == "\\" and key[0] in "nrt":
            yield Pair(key[1:], at)
        elif is_spoken and (words := _WORDS_BEHIND.match(text[max(0, start - 64) : start][::-1])):
            yield Pair(f"{words.group()[::-1].strip()} {key}", at)


class Values:
    """Reads the values of one text.

    Ends that were found are remembered: keys may lie inside values, and looking for the same end from each of them
    would cost the square of the text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: dict[str, tuple[int, int]] = {}

    def under(self, pair: Pair) -> Iterator[Value]:
        """The value under a key; several when it is a list, none when a placeholder stands there.

        A value without quotes is given to the end of its line; how much of that counts is for the rule to say.
        """
        at = pair.at
        if pair.end >= 0:
            yield from self._unless_opaque(Value(at, pair.end, True))
        elif pair.tagged:
            yield from self._unless_opaque(Value(at, self._end("<", _CONTENT, at), True))
        elif self._text[at] == "[" and _LIST_ITEM.match(self._text, at + 1):
            yield from self._items(at + 1)
        elif self._text[at] == "[" and (bare := _BARE_LIST.match(self._text, at + 1)):
            for match in _BARE_ITEM.finditer(self._text, at + 1, bare.end() - 1):
                yield from self._unless_opaque(Value(match.start(), match.end(), False))
        else:
            value = self._value(at)
            yield from self._unless_opaque(value)
            if value.quoted and (change := _CHANGED.match(self._text, value.end)) is not None:
                yield from self._unless_opaque(self._value(change.end()))

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
        triple = _TRIPLE.match(self._text, at)
        if triple is not None:
            end = self._text.find(triple[1], triple.end(), triple.end() + _LONGEST_TRIPLE)
            if end > triple.end():
                return Value(triple.end(), end, True)
        quote = _QUOTE.match(self._text, at)
        if quote is None:
            around = _AROUND.match(self._text, at)
            if around is not None and around.end() < len(self._text):
                at = around.end()
                quote = _QUOTE.match(self._text, at)
        if quote is None:
            return Value(at, self._end("\n", _LINE, at), False)
        start = quote.end()
        if not quote[1]:
            return Value(start, self._end(quote[2], _QUOTED[quote[2]], start), True)
        # An escaped quote is closed by one with as many backslashes in front of it.
        mark = quote[1] + quote[2]
        return Value(start, self._end(mark, _escaped(mark), start), True)

    def _end(self, kind: str, pattern: re.Pattern[str], at: int) -> int:
        start, end = self._ends.get(kind, (0, 0))
        if not start <= at < end:
            match = pattern.match(self._text, at)
            start, end = at, match.end() if match else at
            self._ends[kind] = (start, end)
        return end


def _escaped(mark: str) -> re.Pattern[str]:
    """Everything up to an escaped quote on the same line."""
    pattern = _EXACT.get(mark)
    if pattern is None:
        pattern = _EXACT[mark] = re.compile(rf"(?:[^\\\n]|(?!(?<!\\){re.escape(mark)})\\)*+")
    return pattern


def key_behind(text: str, at: int) -> str | None:
    """The key whose value begins at a place, or None. `id=`, `"id": "`, `<id>`, `blk_` when it touches."""
    before = text[max(0, at - 80) : at]
    # Most places have none, which the sign in front says at once.
    if before[-1:] not in _TOUCHING and before.rstrip(_BETWEEN)[-1:] not in _SIGNS:
        return None
    before = before[::-1]
    match = _KEY_BEHIND.match(before) or _ELEMENT_BEHIND.match(before) or _WORD_BEHIND.match(before)
    return match[1][::-1] if match else None
