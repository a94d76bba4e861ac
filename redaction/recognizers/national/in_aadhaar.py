"""Aadhaar, India: 12 digits, the first 2 to 9, the last after Verhoeff (UIDAI, "A UID numbering scheme").

`XXXX XXXX 1234`, as UIDAI has it masked, is no Aadhaar any more and stays.
"""

from __future__ import annotations

from stdnum.in_ import aadhaar

from ...evidence.identifiers import identifier
from ...evidence.twelve_digits import unless_others

IN_AADHAAR = unless_others(
    identifier(
        "IN_AADHAAR",
        country="IN",
        keys="aadhaar aadhar adhar adhaar aadhaar_no aadhaar_number aadhar_no aadhar_number aadhaar_id aadhar_id "
        "aadhaar_card aadhar_card aadhaar_card_no aadhar_card_no aadhaar_card_number uidai uidai_no uidai_number "
        "आधार आधार_संख्या आधार_नंबर আধার ஆதார் ఆధార్",
        shared_keys="kyc_id kyc_number document_number document_no id_number id_no national_id identity_number "
        "unique_identification_number",
        bare=("0{12}",),
        length=(12, 12),
        # Four groups would be a card number or a column of figures.
        written=(r"(?<!0 )0{4} 0{4} 0{4}(?! 0)", r"(?<!0-)0{4}-0{4}-0{4}(?!-0)"),
        valid=aadhaar.is_valid,
        one_in=12,
    )
)
