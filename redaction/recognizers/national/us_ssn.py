"""Social security numbers of the United States: with dashes, or under their key."""

from __future__ import annotations

from ...definition import Definition, Digits, Hit, Keyed, alphanumeric, starts_word

_KEYS = frozenset("ssn social_security social_security_number social_security_no us_ssn ssn_number ssn_last".split())


def _issued(digits: str) -> bool:
    """Areas 000, 666 and 900 up, group 00 and serial 0000 are never issued (SSA, POMS RM 10201.035)."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in {"000", "666"} and area[0] != "9" and group != "00" and serial != "0000"


def _dashed(text: str, start: int, end: int) -> Hit | None:
    if not starts_word(text, start) or (start and text[start - 1] in "-."):
        return None
    if text[end : end + 1].isalnum() or text[end : end + 1] == "-":
        return None
    return (start, end, 0.85) if _issued(alphanumeric(text[start:end])) else None


US_SSN = Definition(
    "US_SSN",
    (
        Digits(r"(?<![0-9])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9])", least=11, check=_dashed),
        Keyed(_KEYS, bare=r"[0-9]{3}[ .\-]?[0-9]{2}[ .\-]?[0-9]{4}(?![0-9])", score=0.9),
    ),
    identity=alphanumeric,
)
