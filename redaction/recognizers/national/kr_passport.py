"""Korean passports: M, S, R, O or D and eight digits, since 2021 a letter as fifth sign (Foreign Ministry)."""

from __future__ import annotations

import re

from ...evidence.identifiers import identifier

_SHAPE = re.compile(r"[MSROD][0-9]{3}[0-9A-Z][0-9]{4}")


def _valid(number: str) -> bool:
    return _SHAPE.fullmatch(number) is not None


KR_PASSPORT = identifier(
    "KR_PASSPORT",
    country="KR",
    keys="kr_passport korean_passport korean_passport_no 여권번호 여권",
    shared_keys="passport passport_no passport_number passport_num passport_id passport_nr travel_document "
    "travel_document_number document_number",
    bare=("A0{3}[0A]0{4}",),
    length=(9, 9),
    valid=_valid,
    words="passport",
)
