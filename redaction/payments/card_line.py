"""A card as people and test scripts write it on one line: number, expiry date and security code."""

from __future__ import annotations

import re

from ..definition import Hit
from ..recognizers.card_ranges import in_range, luhn

SHAPE = r"(?<![0-9])[0-9]{14,16} [0-9]{1,2}[/\-][0-9]{2,4} [0-9]{3,4}(?![0-9])"
"""Parted by blanks."""
BEHIND_NUMBER = r"\|[01][0-9]\|(?:20)?[2-4][0-9]\|[0-9]{3,4}(?![0-9])"
"""Parted by strokes: what follows the number, which stands in front of it."""
STROKES = tuple(f"|{month:02d}|" for month in range(1, 13))
"""What it begins with."""
_REACH = 20
_LINE = re.compile(r"([0-9]{14,19})[ |]((?:0?[1-9]|1[0-2])[/\-|](?:20)?[2-4][0-9])[ |]([0-9]{3,4})(?![0-9])")
_NUMBER_BEHIND = re.compile(r"[0-9]{14,19}(?![0-9])")


def expiry(text: str, start: int, end: int) -> Hit | None:
    """The date of the line that begins at `start`, or whose first stroke stands there."""
    line = _line(text, start)
    return (*line.span(2), 0.85) if line else None


def code(text: str, start: int, end: int) -> Hit | None:
    """The security code of that line."""
    line = _line(text, start)
    return (*line.span(3), 0.85) if line else None


def _line(text: str, at: int) -> re.Match[str] | None:
    if text[at] == "|":
        number = _NUMBER_BEHIND.match(text[max(0, at - _REACH) : at][::-1])
        at -= number.end() if number else 0
    line = _LINE.match(text, at)
    return line if line is not None and in_range(line[1]) and luhn(line[1]) else None
