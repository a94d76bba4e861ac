"""Resident registration number, Korea: date of birth, sex and century, six digits, the last modulo 11.

Since October 2020 the last six are random (Resident Registration Act, enforcement rule 2), so a newer one needs a word
or a key.
"""

from __future__ import annotations

from dataclasses import replace

from stdnum.exceptions import ValidationError
from stdnum.kr import rrn

from ...definition import WORD_START, Anchored, Digits, Hit
from ...evidence.identifiers import identifier

_KEYS = (
    "kr_rrn korean_rrn resident_registration_number resident_registration_no jumin jumin_no jumin_number jumin_bunho "
    "juminbeonho jumin_beonho 주민등록번호 주민번호"
)
_NAMED = WORD_START + r"[Rr][Rr][Nn](?: is| no\.?)?[:# ]{1,3}(?P<value>[0-9]{13})(?![0-9])"


def is_born(number: str) -> bool:
    """Whether the first seven digits are a date."""
    try:
        rrn.get_birth_date(number)
    except ValidationError:
        return False
    return True


def _since_2020(number: str) -> bool:
    return number[6] in "1234" and is_born(number)


def _before_2020(number: str) -> bool:
    return len(number) == 13 and _since_2020(number) and rrn.calc_check_digit(number[:-1]) == number[-1]


def _named_rrn(text: str, start: int, end: int) -> Hit | None:
    """In payments `RRN` is the retrieval reference number first, so it is no word for the others."""
    return (start, end, 0.85) if _before_2020(text[start:end]) else None


_NEWER = identifier(
    "KR_RRN",
    country="KR",
    keys=_KEYS,
    bare=("0{13}", "0{6}-0{7}"),
    length=(13, 13),
    valid=_since_2020,
)
_OLDER = identifier(
    "KR_RRN",
    country="KR",
    keys=_KEYS,
    shared_keys="rrn id_number id_no identity_number document_number",
    bare=("0{13}",),
    length=(13, 13),
    written=("0{6}-0{7}",),
    valid=_before_2020,
    one_in=500,
)
KR_RRN = replace(
    _OLDER,
    rules=(
        *_OLDER.rules,
        *(rule for rule in _NEWER.rules if isinstance(rule, Digits)),
        Anchored(("rrn",), after=_NAMED, check=_named_rrn),
    ),
)
