"""CNIC, Pakistan: 13 digits, written 5-7-1 (NADRA): province first, the last odd for men and even for women.

There is no check digit; the written form is like nothing else.
"""

from __future__ import annotations

from stdnum.pk import cnic

from ...evidence.identifiers import identifier

PK_CNIC = identifier(
    "PK_CNIC",
    country="PK",
    keys="cnic cnic_no cnic_number cnic_num nicop nicop_no nicop_number snic poc_no nadra_id nic_no_pk "
    "computerized_national_identity_card شناختی_کارڈ شناختی_کارڈ_نمبر قومی_شناختی_کارڈ",
    shared_keys="nic nic_no nic_number national_id id_card id_card_no id_number id_no identity_number document_number "
    "document_no kyc_id",
    bare=("0{13}",),
    length=(13, 13),
    written=("(?<!0-)0{5}-0{7}-0(?!-0)",),
    valid=cnic.is_valid,
    words="nadra",
)
