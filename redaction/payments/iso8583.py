"""ISO 8583 messages: type indicator, bitmap, then fields without names, found by counting.

Understood are the 1987 and 1993 layouts in three dresses: characters, packed decimals as hex digits, and characters as
hex digits. Dialects differ in their private fields; where one cannot be followed, the rest of the message is one field.

Sources: ISO 8583:1987 and 1993 field tables; lengths as jPOS's ISO87A/ISO87B/ISO93A packagers have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..recognizers.card_ranges import in_range, luhn
from .located import Field

# Of a field: how many digits tell its length (0: fixed), its length or its most, and whether it holds digits only.
_Layout = tuple[int, int, bool]


def _layouts() -> dict[int, _Layout]:
    fixed_digits = (
        "3:6 4:12 5:12 6:12 7:10 8:8 9:8 10:8 11:6 12:6 13:4 14:4 15:4 16:4 17:4 18:4 19:3 20:3 21:3 22:3 23:3 24:3 "
        "25:2 26:2 27:1 49:3 50:3 51:3 53:16 66:1 67:2 68:3 69:3 70:3 71:4 72:4 73:6 74:10 75:10 76:10 77:10 78:10 "
        "79:10 80:10 81:10 82:12 83:12 84:12 85:12 86:16 87:16 88:16 89:16"
    )
    fixed = "28:9 29:9 30:9 31:9 37:12 38:6 39:2 40:3 41:8 42:15 43:40 52:16 64:16 90:42 91:1 92:2 93:5 94:7 95:42 "
    fixed += "96:16 97:17 98:25 128:16"
    short_digits, short = "2:19 32:11 33:11 99:11 100:11", "34:28 35:37 44:25 45:76 101:17 102:28 103:28"
    found: dict[int, _Layout] = dict.fromkeys(range(36, 128), (3, 999, False))
    for counted, digits, table in (
        (0, True, fixed_digits),
        (0, False, fixed),
        (2, True, short_digits),
        (2, False, short),
    ):
        for entry in table.split():
            field, _, length = entry.partition(":")
            found[int(field)] = (counted, int(length), digits)
    return found


_LAYOUTS_1987 = _layouts()
_LAYOUTS_1993 = _LAYOUTS_1987 | {
    12: (0, 12, True),
    15: (0, 6, True),
    22: (0, 12, False),
    25: (0, 4, True),
    26: (0, 4, True),
    30: (0, 24, True),
    31: (2, 99, False),
    39: (0, 3, True),
    43: (2, 99, False),
    44: (2, 99, False),
    53: (2, 96, False),
    56: (2, 58, False),
}
_BYTES = frozenset({52, 64, 96, 128})
_TRACKS = frozenset({35})
SENSITIVE = frozenset({2, 14, 34, 35, 36, 45, 48, 52, 53, 55, 64, 96, 102, 103, 126, 127, 128})
"""Card and account numbers, tracks, PINs, chip data, authentication codes, and private fields that may hold a CVV2."""
PAN_FIELDS = frozenset({"2", "34"})
"""Names of the fields that hold a card number."""

# Type indicator and bitmap. Card number, processing code, amount, time and trace number: a message about a card has
# three of these fields or more; the first three are bits of the first digit, the others of the second and the third.
_SET = "[2367ABEFabef]"
_HEAD = re.compile(
    rf"(?=[012][1-8][0-9][0-5](?:[7Ff]|[356BDEbde](?:{_SET}|.{_SET})|[1249ACac]{_SET}{_SET})[0-9A-Fa-f])"
    r"(?=.{4}[0-9A-Fa-f]{16})"
)
_BITMAP = re.compile(r"[0-9A-Fa-f]{16}")
_MOST_BITMAPS = 2
_SET_BIT = re.compile("1")
_DIGITS = re.compile(r"[0-9]+\Z")
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")
_TRACK = re.compile(r"([0-9]{12,19})[=Dd][0-9]")
# Names of merchants hold spaces, so only a line or a quote ends a message that cannot be followed.
_END = re.compile(r"[^\n\"'<>\\]{0,4096}")
_LEAST_VERIFIED = 2


class Message(NamedTuple):
    """The fields of a message in their order, by number; `rest` begins where the layout could not be followed."""

    fields: tuple[tuple[int, int, int], ...]
    rest: int | None
    verified: int


def message_at(text: str, at: int, packed: bool) -> Message | None:
    """The message that begins at a place, or None if what stands there is none.

    `packed`: digits are as they are and everything else is two hex digits a byte.
    """
    numbers, at_fields = _bitmaps(text, at + 4)
    layouts = _LAYOUTS_1993 if text[at] in "12" else _LAYOUTS_1987
    found: list[tuple[int, int, int]] = []
    place, verified, rest = at_fields, 0, None
    for number in numbers:
        span = _field(text, place, number, layouts[number], packed)
        sure = None if span is None else _verified(number, text[span[0] : span[1]], packed)
        if span is None or sure is None:
            rest = place
            break
        verified += sure
        found.append((number, *span))
        place = span[1]
    if verified < _LEAST_VERIFIED:
        return None
    return Message(tuple(found), rest, verified)


def _bitmaps(text: str, at: int) -> tuple[Iterator[int], int]:
    """The numbers of the fields that the one or two bitmaps at a place announce, and where the fields begin."""
    found: list[int] = []
    while bitmap := _BITMAP.match(text, at):
        found.append(int(bitmap.group(), 16))
        at = bitmap.end()
        # The first bit says that there is another one.
        if len(found) == _MOST_BITMAPS or not found[-1] >> 63:
            bits = "".join(f"{each:064b}" for each in found)
            return (set_bit.end() for set_bit in _SET_BIT.finditer(bits) if set_bit.start() % 64), at
    return iter(()), at


def _field(text: str, at: int, number: int, layout: _Layout, packed: bool) -> tuple[int, int] | None:
    counted, length, digits = layout
    if counted:
        width = counted + counted % 2 if packed else counted
        told = text[at : at + width]
        if not _DIGITS.match(told) or int(told) > length:
            return None
        at, length = at + width, int(told)
    characters = length
    if number in _BYTES:
        characters = 16
    elif packed:
        characters = length + length % 2 if digits or number in _TRACKS else 2 * length
    elif number == 55 and _HEX.match(text[at : at + 2 * length]):
        characters = 2 * length
    if at + characters > len(text):
        return None
    return at, at + characters


def _verified(number: int, value: str, packed: bool) -> int | None:
    """How much a value speaks for the message: 0 to 2; None if it cannot stand there."""
    if number == 2:
        digits = value.strip("fF") if packed else value
        if not 12 <= len(digits) <= 19 or not _DIGITS.match(digits):
            # A packed number of odd length has a zero in front or behind.
            return None
        odd = packed and any(in_range(part) and luhn(part) for part in (digits[1:], digits[:-1]))
        return 2 if odd or (in_range(digits) and luhn(digits)) else 0
    if number == 35:
        return 2 if (track := _TRACK.match(value)) and in_range(track[1]) and luhn(track[1]) else 0
    if number in (7, 13):
        return 1 if _DIGITS.match(value) and 1 <= int(value[:2]) <= 12 and 1 <= int(value[2:4]) <= 31 else None
    if number == 12 and len(value) == 6:
        return 1 if _DIGITS.match(value) and int(value[:2]) < 24 and int(value[2:4]) < 60 else None
    if number in (3, 4, 11):
        return 0 if _DIGITS.match(value) else None
    return 0 if number not in _BYTES or _HEX.match(value) else None


def read(text: str, start: int, end: int) -> list[Field]:
    """The fields to remove of the message around a run of digits, by number; `rest` is what could not be followed."""
    best: tuple[int, int, list[Field]] = (0, 0, [])
    if not _BEGIN.search(text, max(0, start - _BEFORE), start + _BEFORE):
        return []
    for dress in _dresses(text, start, end):
        characters = dress.characters
        for head in _HEAD.finditer(characters, 0, _BEFORE + 24):
            message = message_at(characters, head.start(), dress.packed)
            if message is not None:
                is_whole = _ends_word(characters, message)
                fields = [
                    Field(name, *dress.to_text(first, last))
                    for name, first, last in _to_remove(characters, message, is_whole)
                    if first < last
                ]
                if is_whole and message.verified > _LEAST_VERIFIED:
                    return fields
                best = max(best, (1 + is_whole, message.verified, fields), key=lambda found: found[:2])
    return best[2]


def _ends_word(text: str, message: Message) -> bool:
    last = message.fields[-1][2]
    return message.rest is None and not text[last : last + 1].isalnum()


def _to_remove(text: str, message: Message, is_whole: bool) -> Iterator[tuple[str, int, int]]:
    rest = message.rest if message.rest is not None else message.fields[-1][2]
    for number, first, last in message.fields:
        if number in SENSITIVE:
            # Counted wrongly somewhere, or it would end with the word: only what proves itself is trusted.
            if not is_whole and number > _LAST_PROVEN:
                rest = first
                break
            yield str(number), first, last
    if not is_whole:
        end = _END.match(text, rest)
        yield "rest", rest, end.end() if end else len(text)


# A type indicator and the first half of a bitmap in any dress; asked for before anything is copied.
_BEGIN = re.compile(
    r"[012][1-8] ?[0-9][0-5](?: ?[0-9A-Fa-f]{2}){8}|3[012] ?3[1-8] ?3[0-9] ?3[0-5](?: ?(?:3[0-9]|[46][1-6])){8}"
)
_LAST_PROVEN = 13
_LEAST_CHARACTERS = 40
_HEX_BEFORE = re.compile(r"[0-9A-Fa-f ]*\Z")
_BEFORE, _AFTER = 64, 4096
_SPACED = re.compile(r"[0-9A-Fa-f]{2,}(?: ?[0-9A-Fa-f]{2,})*+")
_READABLE = re.compile(r"[ -\x7f]*")


class _Dress(NamedTuple):
    """The characters of a stretch of text as one dress reads them; every one stands at some place of the text.

    Args:
        first: where the stretch begins.
        width: how many characters of the text, blanks aside, make one.
        skip: blanks aside, how many characters of the stretch come before the first.
    """

    characters: str
    stretch: str
    first: int
    packed: bool = False
    width: int = 1
    skip: int = 0
    blanks: bool = False

    def to_text(self, start: int, end: int) -> tuple[int, int]:
        """The place in the text of the characters [start, end)."""
        first, last = self.skip + start * self.width, self.skip + end * self.width - 1
        if not self.blanks:
            return self.first + first, self.first + last + 1
        places = [at for at, character in enumerate(self.stretch) if character != " "]
        return self.first + places[first], self.first + places[last] + 1


def _dresses(text: str, start: int, end: int) -> Iterator[_Dress]:
    """The text from shortly before a place on, in each dress."""
    first, last = max(0, start - _BEFORE), min(len(text), start + _AFTER)
    line_end = text.find("\n", min(end, last), last)
    last = line_end if line_end >= 0 else last
    yield _Dress(text[first:last], text[first:last], first)
    begun = _HEX_BEFORE.search(text, first, start)
    at = begun.start() if begun else first
    at += len(text[at:start]) - len(text[at:start].lstrip())
    spaced = _SPACED.match(text, at, last)
    if spaced is None:
        return
    stretch = spaced.group()
    digits = stretch.replace(" ", "")
    blanks = len(digits) < len(stretch)
    yield _Dress(digits, stretch, at, packed=True, blanks=blanks)
    if blanks:
        yield _Dress(digits, stretch, at, blanks=True)
    for skip in (0, 1):
        read = bytes.fromhex(digits[skip : len(digits) - (len(digits) - skip) % 2]).decode("latin-1")
        characters = read[: readable.end()] if (readable := _READABLE.match(read)) else ""
        if len(characters) > _LEAST_CHARACTERS:
            yield _Dress(characters, stretch, at, width=2, skip=skip, blanks=blanks)
