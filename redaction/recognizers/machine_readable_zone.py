"""The machine readable lines of passports and identity cards (ICAO 9303): 2 of 44 or 36 characters, or 3 of 30."""

from __future__ import annotations

import re

from ..definition import Definition, Hit, Pattern

_NAMES = re.compile(r"(?:[PIACV][A-Z<][A-Z<]{3})?[A-Z]{1,39}(?:<[A-Z]{1,39})*+<<[A-Z<]{0,39}\Z")
# Where the number, the date of birth and the expiry date end, with their check digits behind them, by line length.
_CHECKED = {44: ((0, 9), (13, 19), (21, 27)), 36: ((0, 9), (13, 19), (21, 27))}
_FIRST_OF_CARD = re.compile(r"[IAC][A-Z<][A-Z<]{3}[A-Z0-9<]{9}[0-9<][A-Z0-9<]{15}\Z")
_SECOND_OF_CARD = re.compile(r"[0-9]{7}[MFX<][0-9]{7}[A-Z<]{3}[A-Z0-9<]{11}[0-9]\Z")


def _check(text: str, start: int, end: int) -> Hit | None:
    line = text[start:end]
    if len(line) == 30:
        is_one = _is_line_of_card(line)
    elif len(line) in _CHECKED:
        is_one = _NAMES.match(line) is not None or all(_fits(line, *place) for place in _CHECKED[len(line)])
    else:
        return None
    return (start, end, 0.9) if is_one else None


def _is_line_of_card(line: str) -> bool:
    if _FIRST_OF_CARD.match(line):
        return _fits(line, 5, 14)
    if _SECOND_OF_CARD.match(line):
        return _fits(line, 0, 6) and _fits(line, 8, 14)
    return _NAMES.match(line) is not None


def _fits(line: str, start: int, end: int) -> bool:
    """Whether the digit behind a field checks it: weights 7, 3, 1; letters count from 10, fillers as 0."""
    total = sum(_worth(part) * (7, 3, 1)[place % 3] for place, part in enumerate(line[start:end]))
    return line[end].isdigit() and total % 10 == int(line[end])


def _worth(part: str) -> int:
    return 0 if part == "<" else int(part, 36)


MACHINE_READABLE_ZONE = Definition(
    "PASSPORT",
    (Pattern(r"[A-Z0-9<](?<![A-Z0-9<].)[A-Z0-9<]{29,43}(?![A-Z0-9<])", needs=("<<",), check=_check),),
    name="machine_readable_zone",
)
