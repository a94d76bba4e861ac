"""Numbers of identity documents and taxpayers of whatever country, under the general keys for them.

The recognizers of countries are surer and win where they know a number. `document_id` and `id` are rows of a table and
stay.
"""

from __future__ import annotations

from dataclasses import replace

from ..definition import Digits
from ..evidence.documents import document
from ..evidence.identifiers import evidence_words

_KEYS = (
    # English
    "national_id national_id_number national_id_no nationalid national_identity national_identity_number "
    "national_identification_number identity_number identity_no identity_card identity_card_number id_number id_no "
    "id_num idnumber id_card id_card_number id_card_no government_id government_id_number gov_id citizen_id "
    "citizen_number personal_id personal_id_number personal_number personal_identification_number identification "
    "identification_number identification_no identity_document identity_document_number id_document "
    "id_document_number document_number document_no doc_number doc_no kyc_id_number kyc_document_number "
    "kyc_document resident_id residence_permit residence_permit_number voter_id voter_id_number voter_number "
    "social_security social_insurance_number tax_id taxid tax_id_number tax_number tax_no taxpayer_id "
    "taxpayer_number taxpayer_identification_number tax_identification_number tax_payer_id tin tin_number tin_no "
    "vat_id vat_number vat_no vatin fiscal_id fiscal_number fiscal_code nid nid_number nid_no nin nin_number "
    # Portuguese, Spanish
    "documento documento_cliente documento_titular documento_identidade documento_de_identidade documento_identidad "
    "documento_de_identidad numero_documento nro_documento num_documento numero_do_documento identidade identidad "
    "numero_identidade numero_identidad numero_de_identidad identificacion identificación numero_identificacion "
    "numero_de_identificacion identificacao identificação id_fiscal numero_fiscal contribuinte numero_contribuinte "
    "identificacion_fiscal nif nuit cedula cédula cedula_identidad cedula_de_identidad numero_cedula rg_number dni "
    # French
    "cni cni_number numero_cni cin numero_cin carte_identite carte_identité carte_d_identite carte_d_identité "
    "carte_nationale_identite numero_piece numero_piece_identite piece_identite piece_d_identite numero_identite "
    "identifiant_fiscal identifiant_national numero_identification "
    # Turkish, Indonesian, Malay, Vietnamese, Thai, Swahili, Tagalog
    "kimlik kimlik_no kimlik_numarasi kimlik_numarası tc_kimlik tc_kimlik_no tc_no tckn vergi_no vergi_numarasi "
    "vergi_kimlik_no ktp no_ktp nomor_ktp nik no_nik nomor_nik nomor_identitas no_identitas nomor_induk_kependudukan "
    "npwp no_npwp kad_pengenalan no_kad_pengenalan no_kp nric mykad so_cmnd cmnd so_cccd cccd so_dinh_danh "
    "ma_so_thue so_giay_to chung_minh_nhan_dan can_cuoc เลขบัตรประชาชน เลขประจำตัวประชาชน kitambulisho "
    # Arabic, Hindi, Bengali, Urdu, Chinese, Japanese, Russian
    "cnic cnic_no aadhaar aadhaar_number pan_number رقم_الهوية الرقم_القومي رقم_البطاقة आधार जाতীয়_পরিচয়পত্র "
    "身份证 身份证号 身份证号码 证件号 证件号码 マイナンバー 個人番号 паспортные_данные инн "
    # Italian, German, Dutch, Polish, Romanian
    "codice_fiscale steuer_id steuernummer personalausweis ausweisnummer bsn pesel cnp"
)


# In a sentence only what is said of nothing else; `cni` is the network interface of containers as well.
_WORDS = (
    "national_id national_id_number national_identity national_identity_number national_identity_card identity_card "
    "identity_card_number id_card id_card_number tax_id tax_id_number tax_identification_number taxpayer_id "
    "documento_de_identidade documento_de_identidad cedula cédula cedula_de_identidad cédula_de_identidad dni "
    "carte_d_identite carte_d_identité carte_nationale_d_identité kimlik_no kimlik_numarası vergi_no ktp nomor_ktp "
    "kad_pengenalan kitambulisho cnic codice_fiscale steuer_id"
)

_UNDER_KEYS = document(
    "NATIONAL_ID",
    keys=_KEYS,
    length=(5, 24),
    digits=4,
    score=0.5,
    # An id of a thing, not of a person.
    unless="row object page node pod queue topic file image model vector index chunk collection",
)
_SPOKEN = Digits(r"(?<![0-9])0{6,17}(?![0-9])", least=6, score=0.5, evidence=evidence_words(_WORDS))

NATIONAL_ID = replace(_UNDER_KEYS, rules=(*_UNDER_KEYS.rules, _SPOKEN))
