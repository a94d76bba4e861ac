"""Identifiers of Asia and the Pacific, and of Turkey."""

from __future__ import annotations

from ...definition import Definition
from .ae_emirates_id import AE_EMIRATES_ID
from .au_abn import AU_ABN
from .au_acn import AU_ACN
from .au_medicare import AU_MEDICARE
from .au_tfn import AU_TFN
from .bd_bin import BD_BIN
from .bd_nid import BD_NID
from .bd_tin import BD_TIN
from .cn_resident_id import CN_RESIDENT_ID
from .cn_uscc import CN_USCC
from .hk_hkid import HK_HKID
from .id_bank_account import ID_BANK_ACCOUNT
from .id_bpjs import ID_BPJS
from .id_kk import ID_KK
from .id_nik import ID_NIK
from .id_npwp import ID_NPWP
from .il_id_number import IL_ID_NUMBER
from .in_aadhaar import IN_AADHAAR
from .in_abha import IN_ABHA
from .in_bank_account import IN_BANK_ACCOUNT
from .in_driving_license import IN_DRIVING_LICENSE
from .in_gstin import IN_GSTIN
from .in_pan import IN_PAN
from .in_passport import IN_PASSPORT
from .in_upi_id import IN_UPI_ID
from .in_vehicle_registration import IN_VEHICLE_REGISTRATION
from .in_voter import IN_VOTER
from .jp_corporate_number import JP_CORPORATE_NUMBER
from .jp_my_number import JP_MY_NUMBER
from .kr_brn import KR_BRN
from .kr_driver_license import KR_DRIVER_LICENSE
from .kr_frn import KR_FRN
from .kr_passport import KR_PASSPORT
from .kr_rrn import KR_RRN
from .kz_bin import KZ_BIN
from .kz_iin import KZ_IIN
from .lk_nic import LK_NIC
from .my_nric import MY_NRIC
from .my_passport import MY_PASSPORT
from .np_pan import NP_PAN
from .nz_ird import NZ_IRD
from .ph_passport import PH_PASSPORT
from .ph_philhealth import PH_PHILHEALTH
from .ph_philsys import PH_PHILSYS
from .ph_sss import PH_SSS
from .ph_tin import PH_TIN
from .ph_umid import PH_UMID
from .pk_cnic import PK_CNIC
from .pk_ntn import PK_NTN
from .sa_national_id import SA_NATIONAL_ID
from .sg_nric_fin import SG_NRIC_FIN
from .sg_uen import SG_UEN
from .th_tnin import TH_TNIN
from .tr_license_plate import TR_LICENSE_PLATE
from .tr_national_id import TR_NATIONAL_ID
from .tr_vkn import TR_VKN
from .uz_pinfl import UZ_PINFL
from .vn_cccd import VN_CCCD
from .vn_cmnd import VN_CMND
from .vn_mst import VN_MST

ASIA: tuple[Definition, ...] = (
    IN_AADHAAR,
    IN_ABHA,
    IN_BANK_ACCOUNT,
    IN_DRIVING_LICENSE,
    IN_GSTIN,
    IN_PAN,
    IN_PASSPORT,
    IN_UPI_ID,
    IN_VEHICLE_REGISTRATION,
    IN_VOTER,
    ID_BPJS,
    ID_KK,
    ID_NIK,
    ID_NPWP,
    ID_BANK_ACCOUNT,
    PH_PASSPORT,
    PH_PHILHEALTH,
    PH_PHILSYS,
    PH_SSS,
    PH_TIN,
    PH_UMID,
    MY_NRIC,
    MY_PASSPORT,
    TH_TNIN,
    VN_CCCD,
    VN_CMND,
    VN_MST,
    BD_BIN,
    BD_NID,
    BD_TIN,
    PK_CNIC,
    PK_NTN,
    LK_NIC,
    NP_PAN,
    CN_RESIDENT_ID,
    CN_USCC,
    JP_CORPORATE_NUMBER,
    JP_MY_NUMBER,
    KR_BRN,
    KR_DRIVER_LICENSE,
    KR_FRN,
    KR_PASSPORT,
    KR_RRN,
    SG_NRIC_FIN,
    SG_UEN,
    HK_HKID,
    KZ_BIN,
    KZ_IIN,
    UZ_PINFL,
    TR_LICENSE_PLATE,
    TR_NATIONAL_ID,
    TR_VKN,
    AE_EMIRATES_ID,
    SA_NATIONAL_ID,
    IL_ID_NUMBER,
    AU_ABN,
    AU_ACN,
    AU_MEDICARE,
    AU_TFN,
    NZ_IRD,
)
