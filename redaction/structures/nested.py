"""Keys under other keys, in JSON, Python, Go, Java, HCL and others that put brackets around what belongs together."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from .key_names import ITEM, joined, speaks_of_above
from .pairs_found import Pair

# An opening bracket right behind `key:` or `key=`, or behind a name with a member at once: `Customer{name=`.
_OPENER = re.compile(
    r"[{\[(](?:(?<=[:=>][{\[])|(?<=[:=>] [{\[])|(?<=[:=>]  \{)|(?<=\w.)(?=['\":]?\w{1,64}[\"']?[ ]?[=:])|(?<=\w \{))"
)
_KEY_BEHIND = re.compile(r"""[ \t]{0,4}(?:(?:>=|=:|[:=])[ \t]{0,4})?[\\"'`\]]{0,9}([\w.\-]{1,64})""")
# Line ends, brackets, keys in quotes and without, each with the bracket that opens behind it.
_TOKEN = re.compile(
    r"""\n|[{}\[\]()]"""
    r"""|\\{0,7}["'`]([^"'`\\\n]{1,64}+)\\{0,7}["'`][ \t]{0,4}(?:=>|[:=])\s{0,40}+([{\[])?"""
    r"""|(?<![\w\\"'])([^\W\d][\w.\-]{0,63}+)\]?[ \t]{0,4}(?:=>|[:=])[ \t]{0,40}+([{\[])?"""
    r"""|(?<=[\s{])([^\W\d][\w]{0,63}+) (\{)"""
)
_OPENING = frozenset("{[(")
_JOINS = frozenset(",{[(")
_LINES, _REACH = 4_000, 256 * 1024


def members(text: str) -> Iterator[Pair]:
    """Everything under a key that stands under another one; `card: {number: …}` gives `card.number`.

    Brackets of a text that is cut or only looks nested lead to other keys above a value, never to fewer values.
    """
    match = _OPENER.search(text)
    while match is not None:
        at = match.start()
        behind = _KEY_BEHIND.match(text[max(0, at - 88) : at][::-1])
        end = at + 1
        if behind is not None:
            key = behind[1][::-1]
            end = yield from _region(text, at + 1, key + ITEM if text[at] == "[" else key)
        match = _OPENER.search(text, end)


def _region(text: str, at: int, key: str) -> Generator[Pair, None, int]:
    """The members between an opening bracket and the one that closes it; returns where that is."""
    above = [key]
    many_lines = text[at : at + 80].lstrip(" \t\r")[:1] == "\n"
    limit = min(len(text), at + _REACH)
    lines = 0
    place = at
    while above:
        match = _TOKEN.search(text, place, limit)
        if match is None:
            return limit if many_lines else place
        found, place = match.group(), match.end()
        name = match[1] or match[3] or match[5]
        if name is not None:
            opens = match[2] or match[4] or match[6]
            if opens:
                above.append(name + ITEM if opens == "[" else name)
            elif place < len(text):
                yield Pair(joined(above[:-1], above[-1]) if speaks_of_above(name) else joined(above, name), place)
        elif found in _OPENING:
            above.append(above[-1])
        elif found == "\n":
            lines += 1
            if lines > _LINES or not (many_lines or _goes_on(text, match.start())):
                return place
        else:
            above.pop()
    return place


def _goes_on(text: str, line_end: int) -> bool:
    """Whether what belongs together goes on behind a line end: a comma or an opening bracket stands in front of it."""
    return text[max(0, line_end - 40) : line_end].rstrip()[-1:] in _JOINS
