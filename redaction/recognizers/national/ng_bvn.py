"""Nigerian bank verification numbers (BVN): 11 digits that begin with 22, no check digit.

Source: NIBSS, BVN enrolment guide.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

NG_BVN = identifier(
    "NG_BVN",
    country="NG",
    keys="bvn bvn_no bvn_number bank_verification_number bank_verification_no ng_bvn customer_bvn",
    shared_keys="id_number identity_number document_number",
    bare=("0{11}",),
    length=(11, 11),
    valid=lambda number: number.startswith("22"),
)
