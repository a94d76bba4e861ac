"""National id and Iqama, Saudi Arabia: ten digits, 1 for citizens or 2 for residents, the last after Luhn (Absher).

Seconds since 1970 look the same, so most bare ones need their word.
"""

from __future__ import annotations

from stdnum import luhn

from ...evidence.identifiers import identifier


def _valid(number: str) -> bool:
    return len(number) == 10 and number[0] in "12" and luhn.is_valid(number)


SA_NATIONAL_ID = identifier(
    "SA_NATIONAL_ID",
    country="SA",
    keys="iqama iqama_no iqama_number iqama_id saudi_id saudi_id_no saudi_national_id absher_id رقم_الهوية "
    "رقم_الهوية_الوطنية الهوية_الوطنية رقم_الإقامة الإقامة السجل_المدني رقم_السجل_المدني",
    shared_keys="national_id national_id_number id_number id_no identity_number document_number document_no kyc_id",
    bare=("0{10}",),
    length=(10, 10),
    valid=_valid,
    one_in=40,
)
