"""Identifiers of Africa.

Check digits: python-stdnum where it calculates them, else `check_digits`, which names its sources. Forms: the issuing
authorities' own.
"""

# ruff: noqa: E501 - the table at the end reads better with one identifier a line
from __future__ import annotations

from stdnum.gh import tin as gh_tin
from stdnum.ma import ice
from stdnum.mz import nuit
from stdnum.sn import ninea

from .check_digits import luhn_digit, weighted
from .draw import UPPER, Draw
from .generator import Generator, identifier, punctuated

_NONZERO = "123456789"
_SEXES = "12"


def _za_id(draw: Draw) -> str:
    """Department of Home Affairs: date of birth, sex, citizenship, 8, Luhn."""
    body = f"{draw.born('%y%m%d')}{draw.digits(4)}{draw.number(0, 1)}8"
    return body + luhn_digit(body)


def _za_tax(draw: Draw) -> str:
    body = draw.pick("01239") + draw.digits(8)
    return body + luhn_digit(body)


def _ghana_tin(draw: Draw) -> str:
    body = draw.pick("PCGQV") + "00" + draw.digits(7, _NONZERO)
    return body + str(gh_tin.calc_check_digit(body))


def _ghana_card(draw: Draw) -> str:
    """National Identification Authority: country, nine digits, one digit."""
    return f"GHA-{draw.digits(9, '7')}-{draw.number(0, 9)}"


def _egypt(draw: Draw) -> str:
    """Century, date of birth, governorate, four digits, a check digit whose rule is not published."""
    return f"2{draw.born('%y%m%d')}{draw.number(1, 27):02d}{draw.digits(4)}{draw.number(1, 9)}"


def _ice(draw: Draw) -> str:
    while True:
        body = "00" + draw.digits(7, _NONZERO) + "0000"
        found = next((f"{body}{last:02d}" for last in range(97) if ice.is_valid(f"{body}{last:02d}")), None)
        if found:
            return found


def _ninea(draw: Draw) -> str:
    while True:
        found = draw.digits(7, _NONZERO)
        if ninea.is_valid(found):
            return f"{found}{draw.number(0, 2)}{draw.pick('ABCG')}{draw.number(1, 9)}"


def _senegal_cni(draw: Draw) -> str:
    return f"{draw.pick(_SEXES)}{draw.number(100, 999)}{draw.number(1950, 1999)}{draw.digits(5)}"


def _nida(draw: Draw) -> str:
    """Tanzania, NIDA: date of birth, postcode, serial, check: 8-5-5-2."""
    return f"{draw.born('%Y%m%d')}{draw.digits(5, '123')}{draw.digits(5)}{draw.digits(2)}"


def _uganda(draw: Draw) -> str:
    """NIRA: C, sex, year of birth, district and serial in letters and digits."""
    return f"C{draw.pick('MF')}{draw.number(50, 99)}{draw.digits(6)}{draw.text(UPPER, 4)}"


def _rwanda(draw: Draw) -> str:
    """NIDA: 1, year of birth, 8 for men or 7 for women, seven digits, frequency, check."""
    return f"1{draw.number(1950, 1999)}{draw.pick('78')}{draw.digits(7)}0{draw.digits(2)}"


def _zambia(draw: Draw) -> str:
    return f"{draw.digits(6, _NONZERO)}/{draw.number(10, 79)}/{draw.number(1, 3)}"


def _cote_divoire(draw: Draw) -> str:
    return f"CI{draw.digits(9, '0')}"


def _nuit(draw: Draw) -> str:
    body = draw.pick("1457") + draw.digits(7)
    return body + str(nuit.calc_check_digit(body))


def _tunisia_mf(draw: Draw) -> str:
    """Seven digits and a letter that is their weighted sum modulo 23 (Direction générale des impôts)."""
    body = draw.digits(7, "01")
    letters = "ABCDEFGHJKLMNPQRSTVWXYZ"
    return f"{body}{letters[weighted(body, range(7, 0, -1)) % 23]}/A/M/000"


def _kenya_pin(draw: Draw) -> str:
    return draw.pick("AP") + "00" + draw.digits(7) + draw.pick(UPPER)


AFRICA: tuple[Generator, ...] = (
    *identifier("NG_NIN", "ids_with_context", lambda draw: draw.digits(11, _NONZERO), "nin nin_number national_identification_number", "NIN"),
    *identifier("NG_BVN", "ids_with_context", lambda draw: "22" + draw.digits(9), "bvn bvn_number bank_verification_number", "BVN"),
    *identifier("KE_ID KE_NATIONAL_ID", "ids_with_context", lambda draw: draw.digits(8, "123"), "national_id id_number kitambulisho", "national_ID kitambulisho"),
    *identifier("KE_PIN KE_KRA_PIN", "ids_with_context", _kenya_pin, "kra_pin pin_no", "KRA_PIN"),
    *identifier("ZA_ID_NUMBER ZA_ID", "ids_with_checksum", _za_id, "id_number sa_id rsa_id_number", "ID_number SA_ID"),
    *identifier("ZA_TAX_NUMBER ZA_TIN ZA_TAX_REFERENCE", "ids_with_checksum", _za_tax, "tax_number sars_number tax_reference_number", "tax_reference_number"),
    *identifier("GH_TIN", "ids_with_checksum", _ghana_tin, "tin gra_tin", "TIN"),
    *identifier("GH_CARD GH_GHANA_CARD", "ids_with_context", _ghana_card, "ghana_card ghana_card_number", "Ghana_Card"),
    *identifier("EG_NATIONAL_ID EG_ID", "ids_with_context", _egypt, "national_id raqam_qawmi الرقم_القومي", "national_ID"),
    *identifier("MA_ICE", "ids_with_checksum", _ice, "ice numero_ice", "ICE"),
    *identifier("MA_CIN MA_CNIE", "ids_with_context", lambda draw: draw.text(UPPER, 2) + draw.digits(6, _NONZERO), "cin cnie numero_cin", "CIN CNIE"),
    *identifier("TN_CIN", "ids_with_context", lambda draw: draw.digits(8, "01"), "cin numero_cin", "CIN"),
    *identifier("TN_MF", "ids_with_checksum", _tunisia_mf, "matricule_fiscal mf", "matricule_fiscal"),
    *identifier("SN_NINEA", "ids_with_checksum", _ninea, "ninea numero_ninea", "NINEA"),
    *identifier("SN_CNI SN_NIN", "ids_with_context", _senegal_cni, "cni numero_cni nin", "CNI carte_nationale_d'identité", punctuated("# ### #### #####")),
    *identifier("CI_CNI CI_NNI", "ids_with_context", _cote_divoire, "cni numero_cni", "CNI carte_nationale_d'identité"),
    *identifier("TZ_NIDA TZ_NIN", "ids_with_context", _nida, "nida nida_number nambari_ya_nida", "NIDA_number", punctuated("########-#####-#####-##")),
    *identifier("UG_NIN", "ids_with_context", _uganda, "nin nin_number", "NIN"),
    *identifier("RW_NID RW_NATIONAL_ID", "ids_with_context", _rwanda, "nid indangamuntu national_id", "indangamuntu national_ID", punctuated("# #### # ####### # ##")),
    *identifier("ZM_NRC", "ids_with_context", _zambia, "nrc nrc_number", "NRC"),
    *identifier("CM_CNI CM_NIC", "ids_with_context", lambda draw: draw.digits(9, "1"), "cni numero_cni", "CNI carte_nationale_d'identité"),
    *identifier("MZ_NUIT", "ids_with_checksum", _nuit, "nuit numero_nuit", "NUIT"),
)  # fmt: skip
