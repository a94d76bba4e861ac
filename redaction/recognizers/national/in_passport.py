"""Indian passports: a letter and seven digits (Passport Seva); many other countries number theirs the same way."""

from __future__ import annotations

import re

from ...evidence.identifiers import identifier

_SHAPE = re.compile(r"[A-PR-Z][0-9]{7}")


def _valid(number: str) -> bool:
    return _SHAPE.fullmatch(number) is not None


IN_PASSPORT = identifier(
    "IN_PASSPORT",
    country="IN",
    keys="indian_passport indian_passport_no indian_passport_number in_passport passport_number_in पासपोर्ट पासपोर्ट_नंबर",
    shared_keys="passport passport_no passport_number passport_num passport_id passport_nr travel_document "
    "travel_document_number travel_document_no document_number document_no id_number",
    bare=("A0{7}",),
    length=(8, 8),
    valid=_valid,
    words="passport",
)
