"""Values whose keys only the kind of document tells: data frames, checks of data, address cards, USSD sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .pairs_found import Pair

# A row of a data frame as pandas prints it: names, blanks, values, and below them `Name: 18, dtype: object`.
_BELOW = re.compile(r"(?m)^(?:Name: [^\n]{0,80}, )?dtype: ")
_ROW = re.compile(r"([^\W\d][\w.]{0,63}) {2,60}+([^\n]*[^\s])[ \t]*+\Z")
_MOST_ROWS = 400
# What did not pass a check of Great Expectations: the column stands above, the values in a list.
_UNEXPECTED = re.compile(r"(\\{0,7})[\"'](?:partial_)?unexpected_(?:list|counts)\1[\"']\s{0,8}:\s{0,8}(?=\[)")
_COUNTED = re.compile(r"value\\{0,7}[\"']\s{0,8}:\s{0,8}(?=\S)")
_COLUMN = re.compile(r"column\\{0,7}[\"']\s{0,8}:\s{0,8}\\{0,7}[\"']([^\"'\\\n]{1,64})")
_COLUMN_REACH = 4_096
# vCard (RFC 6350, 6.2): the name in full, and its parts.
_CARD_NAME = re.compile(r"(?mi)^(?:item[0-9]{1,3}\.)?(?:FN|N|NICKNAME)(?:;[^:\n]{0,100})?:([^\n\r]{1,256})")
# What somebody has typed into the menus of a USSD session, as gateways hand it on: `text=1*0772123456*5000`.
_TYPED = re.compile(
    r"\b(?:text|ussdString|ussd_string|userInput|user_input)[\"']?\s?[:=]\s?[\"']?\*?([0-9]{1,20}(?:\*[0-9]{1,20}){1,20})"
)
_ASKED_FOR = re.compile(
    r"\b(?:menu|prompt|screen|message)\\{0,3}[\"']?\s?[:=][^\n=]{0,60}\bPIN\b[^\n=0-9]{0,40}\b(?:input|response|reply|"
    r"user_?[iI]nput)\\{0,3}[\"']?\s?[:=]\s?\\{0,3}[\"']?(?=[0-9]{4,6}(?![0-9A-Za-z]))"
)
_NUMBER = re.compile(r"(?<![0-9])[0-9]{9,13}(?![0-9])")


def documents(text: str) -> Iterator[Pair]:
    """Pairs of all that is such a document."""
    if "dtype: " in text:
        for below in _BELOW.finditer(text):
            yield from _rows_above(text, below.start())
    if "unexpected_" in text:
        for match in _UNEXPECTED.finditer(text):
            column = _column_of(text, *match.span())
            if column is not None:
                yield Pair(column, match.end())
                end = text.find("]", match.end(), match.end() + _COLUMN_REACH)
                yield from (Pair(column, each.end()) for each in _COUNTED.finditer(text, match.end(), max(end, 0)))
    if "BEGIN:VCARD" in text:
        for match in _CARD_NAME.finditer(text):
            yield Pair("full_name", match.start(1), False, match.end(1))
    if "*" in text and ("text" in text or "ussd" in text or "nput" in text):
        for match in _TYPED.finditer(text):
            for number in _NUMBER.finditer(text, *match.span(1)):
                yield Pair("phone", number.start(), False, number.end())
    if "PIN" in text:
        yield from (Pair("pin", match.end()) for match in _ASKED_FOR.finditer(text))


def _column_of(text: str, start: int, end: int) -> str | None:
    """The column that a check of data is about, above what it has found or below."""
    above = text.rfind("column", max(0, start - _COLUMN_REACH), start)
    named = _COLUMN.match(text, above) if above >= 0 else None
    if named is None:
        below = text.find("column", end, end + _COLUMN_REACH)
        named = _COLUMN.match(text, below) if below >= 0 else None
    return named[1] if named else None


def _rows_above(text: str, end: int) -> Iterator[Pair]:
    """The rows of a data frame whose last line ends in front of a place."""
    for _ in range(_MOST_ROWS):
        start = text.rfind("\n", 0, max(0, end - 1)) + 1
        row = _ROW.match(text[start : end - 1]) if end > start else None
        if row is None:
            return
        yield Pair(row[1], start + row.start(2), False, start + row.end(2))
        end = start
