"""More identifiers of Asia, the Gulf and the Pacific.

Check digits: python-stdnum where it has them, else written here from the published rule that is named.
"""

# ruff: noqa: E501 - the table at the end reads better with one identifier a line
from __future__ import annotations

from stdnum.au import abn, acn, tfn
from stdnum.kr import brn
from stdnum.nz import ird
from stdnum.sg import uen

from .check_digits import luhn_digit, weighted
from .draw import DIGITS, UPPER, Draw
from .generator import Generator, digits, ended, identifier, punctuated, valid

_KZ_FIRST, _KZ_SECOND = tuple(range(1, 12)), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def _medicare(draw: Draw) -> str:
    """METeOR 270101: weights 1, 3, 7, 9, 1, 3, 7, 9 modulo 10, then the number of the issue."""
    body = draw.digits(8, "23456")
    return f"{body}{weighted(body, (1, 3, 7, 9, 1, 3, 7, 9)) % 10}{draw.number(1, 9)}"


def _hkid(draw: Draw) -> str:
    """Cap. 177A: a letter as 10 to 35 after a space of 36, weights 9 to 2, modulo 11; 10 is A."""
    letter, body = draw.pick(UPPER), draw.text(DIGITS, 6)
    rest = (36 * 9 + (ord(letter) - 55) * 8 + weighted(body, range(7, 1, -1))) % 11
    return f"{letter}{body}({'A' if rest == 1 else (11 - rest) % 11})"


def _nric_singapore(draw: Draw) -> str:
    """ICA: weights 2, 7, 6, 5, 4, 3, 2; T adds 4; letters from J."""
    first, body = draw.pick("ST"), draw.digits(7, "0789")
    total = weighted(body, (2, 7, 6, 5, 4, 3, 2)) + (4 if first == "T" else 0)
    return f"{first}{body}{'JZIHGFEDCBA'[total % 11]}"


def _uen(draw: Draw) -> str:
    body = f"{draw.number(1990, 2025)}{draw.digits(5)}"
    return body + str(uen.calc_local_company_check_digit(body))


def _kazakh(front: str) -> str | None:
    """Law 223-III: weights 1 to 11, and other weights when that gives 10."""
    rest = weighted(front, _KZ_FIRST) % 11
    if rest == 10:
        rest = weighted(front, _KZ_SECOND) % 11
    return None if rest == 10 else front + str(rest)


def _iin(draw: Draw) -> str:
    while True:
        found = _kazakh(draw.born("%y%m%d") + draw.pick("34") + draw.digits(4))
        if found:
            return found


def _bin_kazakh(draw: Draw) -> str:
    while True:
        found = _kazakh(
            f"{draw.number(0, 25):02d}{draw.number(1, 12):02d}{draw.pick('456')}{draw.pick('012')}{draw.digits(5)}"
        )
        if found:
            return found


def _frn(draw: Draw) -> str:
    """As of a citizen, and two more (modulo 10)."""
    body = draw.born("%y%m%d") + draw.pick("56") + draw.digits(5)
    return body + str((13 - weighted(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10)


def _brn(draw: Draw) -> str:
    """Weights 1, 3, 7, the ninth digit times 5 with its carry (National Tax Service)."""
    while True:
        body = draw.digits(9)
        total = weighted(body, (1, 3, 7, 1, 3, 7, 1, 3, 5)) + int(body[8]) * 5 // 10
        if brn.is_valid(found := body + str(-total % 10)):
            return found


def _emirates(draw: Draw) -> str:
    body = f"784{draw.number(1955, 2004)}{draw.digits(7)}"
    return body + luhn_digit(body)


def _pinfl(draw: Draw) -> str:
    """Sex and century, date of birth, region, serial, weights 7, 3, 1 modulo 10."""
    body = f"{draw.pick('34')}{draw.born('%d%m%y')}{draw.number(1, 250):03d}{draw.digits(3)}"
    return body + str(weighted(body, (7, 3, 1) * 4 + (7,)) % 10)


def _licence_india(draw: Draw) -> str:
    return f"{draw.pick(('MH', 'DL', 'KA', 'TN'))}{draw.number(1, 50):02d}{draw.number(1995, 2024)}{draw.digits(7)}"


def _vehicle_india(draw: Draw) -> str:
    return f"{draw.pick(('MH', 'DL', 'KA', 'TN'))}{draw.number(1, 50):02d}{draw.text('ABCDEFGHJK', 2)}{draw.digits(4)}"


def _family_card(draw: Draw) -> str:
    return f"{draw.pick(('317101', '357801', '517101'))}{draw.number(1, 28):02d}{draw.number(1, 12):02d}{draw.number(8, 24):02d}{draw.number(1, 999):04d}"


ASIA_FURTHER: tuple[Generator, ...] = (
    *identifier("AE_EMIRATES_ID", "ids_with_checksum", _emirates, "emirates_id emirates_id_number", "Emirates_ID", punctuated("###-####-#######-#")),
    *identifier("SA_NATIONAL_ID", "ids_with_checksum", ended(digits(9, "12"), luhn_digit), "iqama iqama_number", "Iqama"),
    *identifier("IL_ID_NUMBER", "ids_with_checksum", ended(digits(8), luhn_digit), "teudat_zehut mispar_zehut", "teudat_zehut"),
    *identifier("AU_ABN", "ids_with_checksum", valid(abn.is_valid, digits(11)), "abn australian_business_number", "ABN", punctuated("## ### ### ###")),
    *identifier("AU_ACN", "ids_with_checksum", valid(acn.is_valid, digits(9, "0126")), "acn australian_company_number", "ACN", punctuated("### ### ###")),
    *identifier("AU_TFN", "ids_with_checksum", valid(tfn.is_valid, digits(9)), "tfn tax_file_number", "TFN", punctuated("### ### ###")),
    *identifier("AU_MEDICARE", "ids_with_checksum", _medicare, "medicare_number medicare", "Medicare", punctuated("#### ##### #")),
    *identifier("NZ_IRD", "ids_with_checksum", valid(ird.is_valid, digits(9, "1")), "ird_number ird", "IRD", punctuated("###-###-###")),
    *identifier("SG_NRIC_FIN", "ids_with_checksum", _nric_singapore, "nric fin_number", "NRIC"),
    *identifier("SG_UEN", "ids_with_checksum", _uen, "uen unique_entity_number", "UEN"),
    *identifier("HK_HKID", "ids_with_checksum", _hkid, "hkid hkid_number", "HKID"),
    *identifier("KR_BRN", "ids_with_checksum", _brn, "brn business_registration_number", "business_registration_number", punctuated("###-##-#####")),
    *identifier("KR_FRN", "ids_with_context", _frn, "frn alien_registration_number", "alien_registration_number", punctuated("######-#######")),
    *identifier("KZ_IIN", "ids_with_checksum", _iin, "iin иин", "ИИН IIN"),
    *identifier("KZ_BIN", "ids_with_checksum", _bin_kazakh, "kz_bin бин", "БИН"),
    *identifier("UZ_PINFL", "ids_with_checksum", _pinfl, "pinfl пинфл", "PINFL"),
    *identifier("NP_PAN", "ids_with_context", digits(9), "np_pan nepal_pan", "PAN_Nepal"),
    *identifier("BD_TIN", "ids_with_context", digits(12), "etin etin_number", "e-TIN"),
    *identifier("BD_BIN", "ids_with_context", lambda draw: f"{draw.digits(9, '0')}{draw.digits(4, '0')}", "vat_registration_number bd_bin", "VAT_registration", punctuated("#########-####")),
    *identifier("PK_NTN", "ids_with_context", digits(8), "ntn ntn_number", "NTN", punctuated("#######-#")),
    *identifier("PH_PHILHEALTH", "ids_with_context", digits(12), "philhealth philhealth_number", "PhilHealth", punctuated("##-#########-#")),
    *identifier("PH_PASSPORT", "ids_with_context", lambda draw: f"P{draw.digits(7)}{draw.pick('ABC')}", "ph_passport passport_number", "passport_number"),
    *identifier("MY_PASSPORT", "ids_with_context", lambda draw: draw.pick("AHK") + draw.digits(8), "nombor_pasport my_passport", "pasport"),
    *identifier("ID_KK", "ids_with_context", _family_card, "no_kk nomor_kk", "nomor_KK"),
    *identifier("ID_BPJS", "ids_with_context", lambda draw: "000" + draw.digits(10), "no_bpjs bpjs_kesehatan", "BPJS"),
    *identifier("ID_BANK_ACCOUNT", "ids_with_context", digits(10), "nomor_rekening no_rekening", "nomor_rekening"),
    *identifier("VN_CMND", "ids_with_context", digits(9, "0123"), "so_cmnd cmnd", "CMND"),
    *identifier("IN_ABHA", "ids_with_context", lambda draw: "91" + draw.digits(12), "abha_number health_id", "ABHA", punctuated("##-####-####-####")),
    *identifier("IN_BANK_ACCOUNT", "ids_with_context", digits(11), "bank_account_no account_number", "bank_account"),
    *identifier("IN_DRIVING_LICENSE", "ids_with_context", _licence_india, "driving_licence_no driving_license", "driving_licence"),
    *identifier("IN_VEHICLE_REGISTRATION", "ids_with_context", _vehicle_india, "vehicle_registration_no vehicle_number", "vehicle_number"),
    *identifier("TR_LICENSE_PLATE", "ids_with_context", lambda draw: f"{draw.number(1, 81):02d} {draw.text('ABCDEFGH', 3)} {draw.digits(3)}", "plaka plaka_no", "plaka"),
)  # fmt: skip
