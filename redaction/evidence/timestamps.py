"""Whether digits read as a point in time, as programs write it without separators."""

from __future__ import annotations

import re

_MONTH, _DAY, _HOUR, _SIXTY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])", "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"
_DATE = rf"{_MONTH}{_DAY}"
_TIME = re.compile(
    # Seconds since 1970 between 2001 and 2036, with no, three, six or nine decimals.
    r"(?:1[0-9]|20)[0-9]{8}(?:[0-9]{3}){0,3}"
    # A date, with a time of day behind it or without.
    rf"|(?:19|20)[0-9]{{2}}{_DATE}(?:{_HOUR}{_SIXTY}(?:{_SIXTY}(?:[0-9]{{3}})?)?)?"
    # The same with two digits for the year; ISO 8583 fields 7 and 12 of 1987 and 2003.
    rf"|(?:[1-3][0-9])?{_DATE}{_HOUR}{_SIXTY}{_SIXTY}|[1-3][0-9]{_DATE}{_HOUR}{_SIXTY}"
)


def is_timestamp(digits: str) -> bool:
    """`1764000000000`, `20261123194741`, `261123194741`, `1123194741`."""
    return _TIME.fullmatch(digits) is not None
