"""Foreigner registration number, Korea: as the resident registration number, with 5 to 8 for sex and century."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .kr_rrn import is_born

_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def _valid(number: str) -> bool:
    """The check digit is two more than a citizen's."""
    if len(number) != 13 or not number.isdigit() or number[6] not in "5678":
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return (13 - total % 11) % 10 == int(number[12]) and is_born(number)


KR_FRN = identifier(
    "KR_FRN",
    country="KR",
    keys="kr_frn korean_frn frn foreigner_registration_number foreigner_registration_no alien_registration_number "
    "alien_registration_no 외국인등록번호 외국인번호",
    shared_keys="id_number id_no identity_number document_number",
    bare=("0{13}",),
    length=(13, 13),
    written=("0{6}-0{7}",),
    valid=_valid,
    one_in=500,
)
