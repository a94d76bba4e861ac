"""Chip data: BER-TLV as EMV Book 3 annex B has it, written in hex digits.

Removed are the values of the tags that carry the card number, tracks, the holder, PINs and cryptograms, and of tags
that only their issuer knows. What tells why a payment went as it did (TVR, TSI, CVM results, AID, AIP, counters,
amounts, currency, terminal capabilities, the card's sequence number) stays, as do all tags and lengths. Source: EMV
Book 3 annex A, data elements by tag.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .located import Field

_SENSITIVE = frozenset(
    # track 1 and 2 equivalents, number, holder's name and national id, expiry, PIN data, account reference
    "56 57 5A 5F20 5F24 5F25 5F53 99 9F0B 9F1F 9F20 9F61 9F6B 9F5B 9F24 9F2D 9F2E 9F2F "
    # cryptograms and signed data
    "9F26 9F4B 9F4C 93 9F45 86".split()
)
_DIAGNOSIS = frozenset(
    "42 4F 50 5F34 5F50 9F19 9F25 5F28 5F2A 5F2D 5F30 5F36 5F54 5F55 5F56 5F57 61 6F 70 71 72 73 77 80 81 82 83 84 "
    "87 88 89 8A 8C 8D 8E "
    "8F 90 "
    "91 92 94 95 97 98 9A 9B 9C 9D 9F01 9F02 9F03 9F04 9F05 9F06 9F07 9F08 9F09 9F0D 9F0E 9F0F 9F10 9F11 9F12 9F13 "
    "9F14 "
    "9F15 9F16 9F17 9F18 9F1A 9F1B 9F1C 9F1D 9F1E 9F21 9F22 9F23 9F27 9F32 9F33 9F34 9F35 9F36 9F37 9F38 9F39 9F3A "
    "9F3B "
    "9F3C 9F3D 9F40 9F41 9F42 9F43 9F44 9F46 9F47 9F48 9F49 9F4A 9F4D 9F4E 9F4F 9F53 9F5A 9F66 9F6C 9F6D 9F6E A5 "
    "BF0C".split()
)
_DEEPEST = 4
_LEAST_TAGS = 3


class Element(NamedTuple):
    """One data element: its tag in capitals, and where its value lies in the hex digits."""

    tag: str
    start: int
    end: int


def elements(digits: str, start: int = 0, end: int | None = None, depth: int = 0) -> list[Element] | None:
    """The primitive elements of a string of hex digits, templates opened; None if it is no TLV from end to end."""
    last = len(digits) if end is None else end
    found: list[Element] = []
    place = start
    while place < last:
        if digits[place : place + 2] in ("00", "FF", "ff"):  # padding between elements
            place += 2
            continue
        head = _head(digits, place, last)
        if head is None:
            return None
        tag, value_at, value_end, constructed = head
        inner = elements(digits, value_at, value_end, depth + 1) if constructed and depth < _DEEPEST else None
        if constructed and inner is None:
            return None
        found += inner if inner is not None else [Element(tag, value_at, value_end)]
        place = value_end
    return found


def _head(digits: str, place: int, last: int) -> tuple[str, int, int, bool] | None:
    """Tag, start and end of the value, and whether it is a template."""
    first = int(digits[place : place + 2], 16)
    tag_end = place + 2
    if first & 0x1F == 0x1F:
        while int(digits[tag_end : tag_end + 2] or "0", 16) & 0x80 and tag_end - place < 6:
            tag_end += 2
        tag_end += 2
    length = digits[tag_end : tag_end + 2]
    if len(length) < 2 or tag_end >= last:
        return None
    count, value_at = int(length, 16), tag_end + 2
    if count in (0x81, 0x82):
        width = 2 * (count - 0x80)
        told = digits[value_at : value_at + width]
        if len(told) < width:
            return None
        count, value_at = int(told, 16), value_at + width
    elif count > 0x7F:
        return None
    value_end = value_at + 2 * count
    return (digits[place:tag_end].upper(), value_at, value_end, bool(first & 0x20)) if value_end <= last else None


def _is_kept(tag: str) -> bool:
    return tag in _DIAGNOSIS and tag not in _SENSITIVE


_SPACED = re.compile(r"[0-9A-Fa-f]{2}(?:[ :\-]?[0-9A-Fa-f]{2})*+")
_MOST_CHARACTERS = 8192


def read(text: str, start: int, end: int) -> list[Field]:
    """The values to remove of the chip data at `text[start:end]`; none if it is no such data."""
    return [
        Field(tag, first, last)
        for tag, first, last in _located(text, start, end) or ()
        if first < last and not _is_kept(tag)
    ]


def is_chip_data(text: str, start: int, end: int) -> bool:
    """Whether the text is TLV from end to end, most of it tags that EMV names."""
    return _located(text, start, end) is not None


def _located(text: str, start: int, end: int) -> list[tuple[str, int, int]] | None:
    spaced = _SPACED.match(text, start, min(end, start + _MOST_CHARACTERS))
    if spaced is None or spaced.end() < end:
        return None
    places = [place for place in range(start, end) if text[place] not in " :-"]
    found = elements("".join(text[place] for place in places))
    if found is None or len(found) < _LEAST_TAGS:
        return None
    known = sum(element.tag in _DIAGNOSIS or element.tag in _SENSITIVE for element in found)
    if 2 * known <= len(found):
        return None
    return [
        (element.tag, places[element.start] if element.start < len(places) else end, places[element.end - 1] + 1)
        for element in found
    ]
