"""Identifiers of Africa and Europe."""

from __future__ import annotations

from ...definition import Definition
from .ao_bi import AO_BI
from .ao_nif import AO_NIF
from .ci_cni import CI_CNI
from .ci_nni import CI_NNI
from .cm_cni import CM_CNI
from .cm_niu import CM_NIU
from .de_tax_id import DE_TAX_ID
from .dz_nif import DZ_NIF
from .dz_nin import DZ_NIN
from .eg_national_id import EG_NATIONAL_ID
from .eg_tax_number import EG_TAX_NUMBER
from .es_nie import ES_NIE
from .es_nif import ES_NIF
from .et_fayda import ET_FAYDA
from .et_tin import ET_TIN
from .fr_nif import FR_NIF
from .fr_nir import FR_NIR
from .gh_card import GH_CARD
from .gh_ssnit import GH_SSNIT
from .gh_tin import GH_TIN
from .it_fiscal_code import IT_FISCAL_CODE
from .it_vat_code import IT_VAT_CODE
from .ke_kra_pin import KE_KRA_PIN
from .ke_national_id import KE_NATIONAL_ID
from .ma_cin import MA_CIN
from .ma_ice import MA_ICE
from .mz_nuit import MZ_NUIT
from .ng_bvn import NG_BVN
from .ng_nin import NG_NIN
from .ng_nuban import NG_NUBAN
from .ng_tin import NG_TIN
from .nl_bsn import NL_BSN
from .pl_nip import PL_NIP
from .pl_pesel import PL_PESEL
from .pt_cc import PT_CC
from .pt_nif import PT_NIF
from .ro_cnp import RO_CNP
from .ru_inn import RU_INN
from .ru_passport import RU_PASSPORT
from .ru_snils import RU_SNILS
from .rw_nid import RW_NID
from .sn_nin import SN_NIN
from .sn_ninea import SN_NINEA
from .tn_cin import TN_CIN
from .tn_mf import TN_MF
from .tz_nida import TZ_NIDA
from .tz_tin import TZ_TIN
from .ua_rnokpp import UA_RNOKPP
from .ug_nin import UG_NIN
from .ug_tin import UG_TIN
from .uk_nhs import UK_NHS
from .uk_nino import UK_NINO
from .za_id_number import ZA_ID_NUMBER
from .za_passport import ZA_PASSPORT
from .za_tax_number import ZA_TAX_NUMBER
from .zm_nrc import ZM_NRC
from .zm_tpin import ZM_TPIN

AFRICA_EUROPE: tuple[Definition, ...] = (
    NG_NIN,
    NG_BVN,
    NG_TIN,
    NG_NUBAN,
    KE_NATIONAL_ID,
    KE_KRA_PIN,
    ZA_ID_NUMBER,
    ZA_TAX_NUMBER,
    ZA_PASSPORT,
    GH_CARD,
    GH_TIN,
    GH_SSNIT,
    EG_NATIONAL_ID,
    EG_TAX_NUMBER,
    MA_CIN,
    MA_ICE,
    CI_NNI,
    CI_CNI,
    SN_NIN,
    SN_NINEA,
    TZ_NIDA,
    TZ_TIN,
    UG_NIN,
    UG_TIN,
    RW_NID,
    ZM_NRC,
    ZM_TPIN,
    CM_NIU,
    CM_CNI,
    TN_CIN,
    TN_MF,
    MZ_NUIT,
    AO_BI,
    AO_NIF,
    ET_FAYDA,
    ET_TIN,
    DZ_NIN,
    DZ_NIF,
    ES_NIF,
    ES_NIE,
    PT_NIF,
    PT_CC,
    IT_FISCAL_CODE,
    IT_VAT_CODE,
    FR_NIR,
    FR_NIF,
    DE_TAX_ID,
    PL_PESEL,
    PL_NIP,
    UK_NINO,
    UK_NHS,
    NL_BSN,
    RO_CNP,
    UA_RNOKPP,
    RU_INN,
    RU_SNILS,
    RU_PASSPORT,
)
