"""South African passport numbers: a letter and 8 digits; no check digit outside the machine readable zone."""

from __future__ import annotations

from ...evidence.identifiers import identifier

ZA_PASSPORT = identifier(
    "ZA_PASSPORT",
    country="ZA",
    keys="za_passport sa_passport za_passport_number sa_passport_number south_african_passport rsa_passport",
    shared_keys="passport passport_no passport_number passport_num paspoort paspoortnommer travel_document",
    words="paspoort",
    bare=("A0{8}",),
    length=(9, 9),
    valid=lambda number: number[0] in "ADMT" and number[1:].isdigit(),
)
