"""Rwandan identity numbers: 16 digits: kind of holder, year of birth, sex, serial, issue, two check digits.

Source: NIDA Rwanda, "Understanding the 16 digits"; the rule of the check digits is not published.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier


def _valid(number: str) -> bool:
    return number[0] in "123" and "1900" <= number[1:5] <= "2029" and number[5] in "78"


RW_NID = identifier(
    "RW_NID",
    country="RW",
    keys="rw_nid rwanda_id rwandan_id indangamuntu nimero_y_indangamuntu nida_rw irangamuntu nid_number nid_no",
    shared_keys="nid national_id national_id_number id_number identity_number document_number",
    bare=("0{16}",),
    written=("0 0{4} 0 0{7} 0 0{2}",),
    length=(16, 16),
    valid=_valid,
    one_in=1_200,
    even_times=True,
)
