"""Identity number of Turkey (TCKN): eleven digits, two of them check digits (law 5490, Nüfus Hizmetleri)."""

from __future__ import annotations

from stdnum.tr import tckimlik

from ...evidence.identifiers import identifier

TR_NATIONAL_ID = identifier(
    "TR_NATIONAL_ID",
    country="TR",
    keys="tckn tckn_no tc_no tcno tc_kimlik tc_kimlik_no tc_kimlik_numarasi tc_kimlik_numarası tckimlik tckimlikno "
    "t_c_kimlik_no t_c_no kimlik_no kimlik_numarasi kimlik_numarası kimlikno vatandaslik_no vatandaşlık_no "
    "yabanci_kimlik_no ykn tr_id turkish_id",
    shared_keys="kimlik vkn_tckn tckn_vkn tc national_id id_number id_no identity_number identity_no tax_id "
    "document_number document_no kyc_id",
    bare=("0{11}",),
    length=(11, 11),
    written=("0{3} 0{3} 0{3} 0{2}",),
    valid=tckimlik.is_valid,
    one_in=110,
)
