"""Numbers of passports: under their keys, and behind the word in the usual shapes (ICAO 9303: up to 9 characters)."""

from __future__ import annotations

from ..evidence.documents import document

_WORDS = (
    "passport passports passport_no passport_number passaporte pasaporte passeport pasaport paspor reisepass paspoort "
    "passaporto paszport pasaporte_no hộ_chiếu 护照 旅券 パスポート पासपोर्ट "
    "পাসপোর্ট جواز_السفر جواز_سفر паспорт загранпаспорт หนังสือเดินทาง"
)

PASSPORT = document(
    "PASSPORT",
    keys=_WORDS
    + " passport_num passport_id passportno numero_passaporte numero_pasaporte numero_passeport no_passeport "
    "nro_pasaporte pasaport_no pasaport_numarasi nomor_paspor no_paspor so_ho_chieu ho_chieu travel_document "
    "travel_document_number travel_document_no reisepassnummer 护照号 护照号码 旅券番号 رقم_الجواز رقم_جواز_السفر",
    length=(6, 12),
    digits=4,
    score=0.7,
    words=_WORDS + " travel_document",
    shapes=("A{1,2}[ -]?0{6,8}", "0{7,9}", "0{2}A{2}0{5}", "A0{2}A{2}0{4}", "A{3}0{6}"),
    unless="expiry expires country issuer issued date type",
)
