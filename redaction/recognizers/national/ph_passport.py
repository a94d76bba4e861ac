"""Philippine passports: a letter, seven digits and a letter, or two letters and seven digits (DFA)."""

from __future__ import annotations

import re

from ...evidence.identifiers import identifier

_SHAPE = re.compile(r"[A-Z][0-9]{7}[A-Z]|[A-Z]{2}[0-9]{6,7}")


def _valid(number: str) -> bool:
    return _SHAPE.fullmatch(number) is not None


PH_PASSPORT = identifier(
    "PH_PASSPORT",
    country="PH",
    keys="ph_passport ph_passport_no philippine_passport philippine_passport_no pasaporte_ph",
    shared_keys="passport passport_no passport_number passport_num passport_id passport_nr travel_document "
    "travel_document_number document_number",
    bare=("A0{7}A", "A{2}0{6,7}"),
    length=(8, 9),
    valid=_valid,
    words="passport",
)
