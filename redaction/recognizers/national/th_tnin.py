"""National id, Thailand: 13 digits, the first 1 to 8, the last modulo 11 (Department of Provincial Administration)."""

from __future__ import annotations

import unicodedata

from stdnum.th import pin

from ...evidence.identifiers import identifier

# As a folded text has them: the vowel in `ประจำ` is two characters there.
_THAI = unicodedata.normalize(
    "NFKC", "เลขบัตรประชาชน บัตรประชาชน เลขที่บัตรประชาชน เลขประจำตัวประชาชน หมายเลขบัตรประชาชน เลขประจำตัวผู้เสียภาษี"
)

TH_TNIN = identifier(
    "TH_TNIN",
    country="TH",
    keys="thai_id thai_id_no thai_id_number thai_national_id thai_citizen_id citizen_id citizen_id_no citizen_no "
    f"citizenid national_id_th id_card_th thai_tax_id tnin bat_prachachon {_THAI}",
    shared_keys="national_id national_id_number id_card id_card_no id_card_number id_number id_no identity_number "
    "personal_id tax_id taxpayer_id document_number document_no kyc_id",
    bare=("0{13}",),
    length=(13, 13),
    written=("0-0{4}-0{5}-0{2}-0", "0 0{4} 0{5} 0{2} 0"),
    valid=pin.is_valid,
    one_in=12,
)
