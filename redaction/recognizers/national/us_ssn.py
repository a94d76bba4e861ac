"""Social security numbers of the United States: with dashes, behind their word, or under their key."""

from __future__ import annotations

from dataclasses import replace

from ...definition import Digits, Hit, alphanumeric, starts_word
from ...evidence.identifiers import identifier
from .american_keys import DOCUMENT_KEYS, TAX_KEYS


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


_NAMED = identifier(
    "US_SSN",
    country="US",
    keys=(
        "ssn social_security social_security_number social_security_no us_ssn ssn_number ssn_no ssn_last "
        "social_security_num applicant_ssn customer_ssn"
    ),
    shared_keys=f"{DOCUMENT_KEYS} {TAX_KEYS}",
    bare=("0{9}", "0{3}[ .]00[ .]0{4}"),
    length=(9, 9),
    valid=_issued,
)
US_SSN = replace(
    _NAMED,
    rules=(*_NAMED.rules, Digits(r"(?<![0-9])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9])", least=11, check=_dashed)),
)
