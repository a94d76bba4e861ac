"""Malaysian passports: A, H or K and eight digits (Immigration Department of Malaysia)."""

from __future__ import annotations

from ...evidence.identifiers import identifier


def _valid(number: str) -> bool:
    return len(number) == 9 and number[0] in "AHK" and number[1:].isdigit()


MY_PASSPORT = identifier(
    "MY_PASSPORT",
    country="MY",
    keys="pasport no_pasport nombor_pasport my_passport my_passport_no malaysian_passport",
    shared_keys="passport passport_no passport_number passport_num passport_id passport_nr travel_document "
    "travel_document_number document_number",
    bare=("A0{8}",),
    length=(9, 9),
    valid=_valid,
    words="passport",
)
