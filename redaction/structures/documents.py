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
_COLUMN = re.compile(r"column\\{0,7}[\"']\s{0,8}:\s{0,8}\\{0,7}[\"']([^\"'\\\n]{1,64})")
_COLUMN_REACH = 4_096
# vCard (RFC 6350, 6.2): the name in full, and its parts.
_CARD_NAME = re.compile(r"(?mi)^(?:item[0-9]{1,3}\.)?(?:FN|N|NICKNAME)(?:;[^:\n]{0,100})?:([^\n\r]{1,256})")
# What somebody has typed into the menus of a USSD session, as gateways hand it on: `text=1*0772123456*5000`.
_TYPED = re.compile(
    r"\b(?:text|ussdString|ussd_string|userInput|user_input)[\"']?\s?[:=]\s?[\"']?([0-9]{1,20}(?:\*[0-9]{1,20}){1,20})"
)
_NUMBER = re.compile(r"(?<![0-9])[0-9]{9,13}(?![0-9])")


def documents(text: str) -> Iterator[Pair]:
    """Pairs of all that is such a document."""
    if "dtype: " in text:
        for below in _BELOW.finditer(text):
            yield from _rows_above(text, below.start())
    if "unexpected_" in text:
        for match in _UNEXPECTED.finditer(text):
            place = text.rfind("column", max(0, match.start() - _COLUMN_REACH), match.start())
            above = _COLUMN.match(text, place) if place >= 0 else None
            if above is not None:
                yield Pair(above[1], match.end())
    if "BEGIN:VCARD" in text:
        for match in _CARD_NAME.finditer(text):
            yield Pair("full_name", match.start(1), False, match.end(1))
    if "*" in text and ("text" in text or "ussd" in text or "nput" in text):
        for match in _TYPED.finditer(text):
            for number in _NUMBER.finditer(text, *match.span(1)):
                yield Pair("phone", number.start(), False, number.end())


def _rows_above(text: str, end: int) -> Iterator[Pair]:
    """The rows of a data frame whose last line ends in front of a place."""
    for _ in range(_MOST_ROWS):
        start = text.rfind("\n", 0, max(0, end - 1)) + 1
        row = _ROW.match(text[start : end - 1]) if end > start else None
        if row is None:
            return
        yield Pair(row[1], start + row.start(2), False, start + row.end(2))
        end = start
