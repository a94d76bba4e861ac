"""Identifiers of the Americas, those with a check first: of equal claims the first one names a value."""

from __future__ import annotations

from ...definition import Definition
from .ar_cbu import AR_CBU
from .ar_cbu_alias import AR_CBU_ALIAS
from .ar_cuit import AR_CUIT
from .ar_dni import AR_DNI
from .bo_ci import BO_CI
from .bo_nit import BO_NIT
from .br_bank_account import BR_BANK_ACCOUNT
from .br_cnh import BR_CNH
from .br_cnpj import BR_CNPJ
from .br_cpf import BR_CPF
from .br_pis import BR_PIS
from .br_pix_key import BR_PIX_KEY
from .br_rg import BR_RG
from .br_voter import BR_VOTER
from .ca_sin import CA_SIN
from .cl_rut import CL_RUT
from .co_cedula import CO_CEDULA
from .co_nit import CO_NIT
from .cr_cedula import CR_CEDULA
from .cr_company import CR_COMPANY
from .cr_dimex import CR_DIMEX
from .cr_sinpe import CR_SINPE
from .do_cedula import DO_CEDULA
from .do_rnc import DO_RNC
from .ec_cedula import EC_CEDULA
from .ec_ruc import EC_RUC
from .gt_cui import GT_CUI
from .gt_nit import GT_NIT
from .hn_identity import HN_IDENTITY
from .hn_rtn import HN_RTN
from .latin_bank_account import LATIN_BANK_ACCOUNT
from .mx_clabe import MX_CLABE
from .mx_curp import MX_CURP
from .mx_ine import MX_INE
from .mx_nss import MX_NSS
from .mx_rfc import MX_RFC
from .ni_cedula import NI_CEDULA
from .pa_cedula import PA_CEDULA
from .pa_ruc import PA_RUC
from .pe_cci import PE_CCI
from .pe_dni import PE_DNI
from .pe_ruc import PE_RUC
from .py_ci import PY_CI
from .py_ruc import PY_RUC
from .sv_dui import SV_DUI
from .sv_nit import SV_NIT
from .us_aba_routing import US_ABA_ROUTING
from .us_bank_number import US_BANK_NUMBER
from .us_driver_license import US_DRIVER_LICENSE
from .us_ein import US_EIN
from .us_itin import US_ITIN
from .us_passport import US_PASSPORT
from .us_ssn import US_SSN
from .uy_ci import UY_CI
from .uy_rut import UY_RUT
from .ve_cedula import VE_CEDULA
from .ve_rif import VE_RIF

AMERICAS: tuple[Definition, ...] = (
    BR_CPF,
    BR_CNPJ,
    BR_CNH,
    BR_VOTER,
    BR_PIS,
    BR_RG,
    BR_PIX_KEY,
    BR_BANK_ACCOUNT,
    AR_CUIT,
    AR_CBU,
    AR_CBU_ALIAS,
    CL_RUT,
    CO_NIT,
    MX_CURP,
    MX_RFC,
    MX_CLABE,
    MX_INE,
    MX_NSS,
    PE_RUC,
    PE_CCI,
    UY_CI,
    UY_RUT,
    EC_CEDULA,
    EC_RUC,
    PY_RUC,
    CR_COMPANY,
    DO_CEDULA,
    DO_RNC,
    GT_CUI,
    GT_NIT,
    SV_DUI,
    SV_NIT,
    HN_IDENTITY,
    HN_RTN,
    NI_CEDULA,
    VE_CEDULA,
    VE_RIF,
    US_ITIN,
    US_EIN,
    US_SSN,
    US_ABA_ROUTING,
    CA_SIN,
    AR_DNI,
    PE_DNI,
    PA_CEDULA,
    PA_RUC,
    BO_CI,
    BO_NIT,
    PY_CI,
    CR_CEDULA,
    CR_DIMEX,
    CR_SINPE,
    CO_CEDULA,
    US_BANK_NUMBER,
    US_DRIVER_LICENSE,
    US_PASSPORT,
    LATIN_BANK_ACCOUNT,
)
