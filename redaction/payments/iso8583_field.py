"""Single ISO 8583 fields in field dumps: `DE052=…`, `[035] …`, `<field id="52" value="…"/>`, `bit 52: …`."""

from __future__ import annotations

import re

from ..recognizers.card_ranges import in_range
from .located import HEX_BYTES

_NUMBER_BEHIND = re.compile(r"""["'\\ \t:=>\-\[(]{0,12}(?:=eulav[ \t]{1,4})?["'\\\])]{0,3}([0-9]{1,3})(?![0-9.])""")
_REACH, _PAN_FIELD = 40, 2
_HEX = re.compile(rf"(?:0x)?{HEX_BYTES}(?![0-9A-Za-z])")
_TRACK = re.compile(r"[;%]?[bB]?[0-9]{12,19}[=Dd][0-9A-Za-z=]{4,40}[?Ff]?")
_PAN = re.compile(r"[0-9]{12,19}(?![0-9A-Za-z])")
_YEAR_MONTH = re.compile(r"[2-4][0-9](?:0[1-9]|1[0-2])(?![0-9A-Za-z:.\-])")
_SHAPES: dict[int, tuple[re.Pattern[str], int, int]] = {
    # number of the field: what it looks like, fewest and most characters
    2: (_PAN, 12, 19),
    14: (_YEAR_MONTH, 4, 4),
    34: (re.compile(r"[0-9=]{12,28}(?![0-9A-Za-z])"), 12, 28),
    35: (_TRACK, 18, 44),
    36: (re.compile(r"[0-9=]{20,104}"), 20, 104),
    45: (re.compile(r"%?[bB]?[0-9]{12,19}\^[^\n\"'<>]{4,80}"), 20, 100),
    52: (_HEX, 16, 47),
    53: (_HEX, 16, 192),
    55: (_HEX, 20, 2048),
    64: (_HEX, 16, 26),
    96: (_HEX, 16, 26),
    128: (_HEX, 16, 26),
}
NUMBERS = "|".join(str(number) for number in sorted(_SHAPES, reverse=True))


def number_before(text: str, at: int) -> int | None:
    """The field number in front of a value, over quotes, separators and `value=`."""
    before = text[max(0, at - _REACH) : at][::-1]
    match = _NUMBER_BEHIND.match(before)
    return int(match[1][::-1]) if match else None


def sensitive_value(text: str, at: int, number: int) -> int | None:
    """Where the value at a place ends, if it looks like what that field holds and may not stay."""
    shape = _SHAPES.get(number)
    if shape is None:
        return None
    expression, least, most = shape
    match = expression.match(text, at, min(len(text), at + most + 8))
    if match is None or not least <= match.end() - at <= most + 2:
        return None
    # Anything may be called 2; a card number begins like one.
    return match.end() if number != _PAN_FIELD or in_range(match.group()) else None
