"""CCCD, Vietnam: province, century and sex, year of birth, six digits (Decree 137/2015/ND-CP, article 13).

There is no check digit; a province that exists and a century of somebody alive leave one of forty numbers.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier
from ...evidence.twelve_digits import unless_others

# Circular 59/2021/TT-BCA, annex; the codes of merged provinces stay with the people.
_PROVINCES = frozenset(
    "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 "
    "044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 "
    "089 091 092 093 094 095 096".split()
)


def _valid(number: str) -> bool:
    return len(number) == 12 and number[:3] in _PROVINCES and number[3] in "0123" and number[6:] != "000000"


VN_CCCD = unless_others(
    identifier(
        "VN_CCCD",
        country="VN",
        keys="cccd so_cccd cccd_no cccd_number so_can_cuoc can_cuoc can_cuoc_cong_dan so_can_cuoc_cong_dan "
        "so_dinh_danh so_dinh_danh_ca_nhan ma_dinh_danh citizen_identity_card số_cccd số_căn_cước căn_cước "
        "căn_cước_công_dân số_căn_cước_công_dân số_định_danh số_định_danh_cá_nhân",
        shared_keys="national_id id_number id_no id_card id_card_no identity_number personal_id document_number "
        "document_no kyc_id tax_id giay_to so_giay_to",
        bare=("0{12}",),
        length=(12, 12),
        valid=_valid,
        one_in=40,
        zeros=12,
    )
)
