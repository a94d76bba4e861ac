"""Emirates ID: 784, year of birth, seven digits, a check digit, 15 in all (Federal Authority for Identity).

784 is the number of the country in ISO 3166-1. With a year behind it one of 90,000 numbers looks like that.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier


def _valid(number: str) -> bool:
    return len(number) == 15 and number[:3] == "784" and 1900 <= int(number[3:7]) <= 2035


AE_EMIRATES_ID = identifier(
    "AE_EMIRATES_ID",
    country="AE",
    keys="emirates_id emirates_id_no emirates_id_number emiratesid eid_no eid_number eida uae_id uae_id_no رقم_الهوية "
    "الهوية_الإماراتية رقم_الهوية_الإماراتية بطاقة_الهوية",
    shared_keys="eid national_id id_card id_number id_no identity_number document_number document_no kyc_id",
    bare=("0{15}",),
    length=(15, 15),
    written=("0{3}-0{4}-0{7}-0", "0{3} 0{4} 0{7} 0"),
    valid=_valid,
    one_in=10_000,
)
