"""More identifiers of the Americas: licences, voters, workers, companies, and those of the north.

Check digits: python-stdnum where it has them, else written here from the published rule that is named.
"""

# ruff: noqa: E501 - the table at the end reads better with one identifier a line
from __future__ import annotations

from stdnum.us import ein, itin, rtn

from .check_digits import luhn_digit, weighted
from .draw import UPPER, Draw
from .generator import Generator, digits, ended, identifier, punctuated, valid

_WORDS = ("CASA", "PERRO", "MESA", "RIO", "LUNA", "VERDE", "TANGO", "NUBE", "PLAZA", "MATE")


def _is_routing_number(number: str) -> bool:
    """ABA, Key to Routing Numbers: the first two digits are those of a Federal Reserve district, or 80."""
    first = int(number[:2])
    return bool(rtn.is_valid(number)) and (first < 13 or 21 <= first < 33 or 61 <= first < 73 or first == 80)


def _cnh(draw: Draw) -> str:
    """Denatran: weights 9 to 1 and 1 to 9 modulo 11; a first 10 takes two from the second."""
    body = draw.digits(9)
    first, taken = weighted(body, range(9, 0, -1)) % 11, 0
    if first > 9:
        first, taken = 0, 2
    second = weighted(body, range(1, 10)) % 11 - taken
    second = second + 11 if second < 0 else second
    return f"{body}{first}{0 if second > 9 else second}"


def _pis(draw: Draw) -> str:
    """Caixa: weights 3, 2, 9 to 2, modulo 11."""
    body = draw.digits(10, "12")
    digit = 11 - weighted(body, (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return f"{body}{0 if digit > 9 else digit}"


def _voter_brazil(draw: Draw) -> str:
    """Tribunal Superior Eleitoral: eight digits, the state, a digit for each of them; state 03 and up."""
    while True:
        number, state = draw.digits(8), f"{draw.number(3, 28):02d}"
        first = weighted(number, range(2, 10)) % 11
        if first < 10:
            second = weighted(f"{state}{first}", (7, 8, 9)) % 11
            if second < 10:
                return f"{number}{state}{first}{second}"


def _elector_mexico(draw: Draw) -> str:
    """INE: six consonants, date of birth, state, sex, three digits."""
    return f"{draw.text('BCDFGHLMNPRSTVZ', 6)}{draw.born('%y%m%d')}{draw.number(1, 32):02d}{draw.pick('HM')}{draw.digits(3)}"


def _cci(draw: Draw) -> str:
    """Peru: Luhn's sum over bank and branch, and over the account."""
    bank, account = draw.pick(("002", "003", "009", "011")) + draw.digits(3), draw.digits(12, "0")
    return f"{bank}{account}{luhn_digit(bank)}{luhn_digit(account)}"


def _nicaragua(draw: Draw) -> str:
    """Municipality, date of birth, serial; the letter is the thirteen digits modulo 23."""
    number = f"{draw.pick(('001', '281', '401'))}{draw.born('%d%m%y')}{draw.digits(4, '0')}"
    return number + "ABCDEFGHJKLMNPQRSTUVWXY"[int(number) % 23]


AMERICAS_FURTHER: tuple[Generator, ...] = (
    *identifier("BR_CNH", "ids_with_checksum", _cnh, "cnh numero_cnh", "CNH"),
    *identifier("BR_PIS", "ids_with_checksum", _pis, "pis nis pis_pasep", "PIS NIS", punctuated("###.#####.##-#")),
    *identifier("BR_RG", "ids_with_context", digits(9), "rg numero_rg", "RG", punctuated("##.###.###-#")),
    *identifier("BR_VOTER", "ids_with_checksum", _voter_brazil, "titulo_eleitor numero_titulo_eleitor", "título_de_eleitor"),
    *identifier("BR_BANK_ACCOUNT", "ids_with_context", digits(8), "conta_corrente numero_conta", "conta_corrente", punctuated("#######-#")),
    *identifier("AR_CBU_ALIAS", "ids_with_context", lambda draw: ".".join(draw.pick(_WORDS) for _ in range(3)), "alias_cbu alias_cvu", "alias_CBU"),
    *identifier("MX_NSS", "ids_with_checksum", ended(digits(10), luhn_digit), "nss numero_seguridad_social", "NSS"),
    *identifier("MX_INE", "ids_with_context", _elector_mexico, "clave_elector clave_de_elector", "clave_de_elector INE"),
    *identifier("PE_CCI", "ids_with_checksum", _cci, "cci codigo_cuenta_interbancario", "CCI"),
    *identifier("CR_COMPANY", "ids_with_context", lambda draw: f"3101{draw.digits(6)}", "cedula_juridica", "cédula_jurídica", punctuated("#-###-######")),
    *identifier("CR_SINPE", "ids_with_context", digits(8, "678"), "sinpe_movil sinpe", "SINPE_Móvil"),
    *identifier("HN_IDENTITY", "ids_with_context", lambda draw: f"0801{draw.number(1950, 1999)}{draw.digits(5)}", "identidad numero_identidad", "identidad", punctuated("####-####-#####")),
    *identifier("HN_RTN", "ids_with_context", lambda draw: f"0801{draw.number(1950, 1999)}{draw.digits(6)}", "rtn numero_rtn", "RTN"),
    *identifier("NI_CEDULA", "ids_with_checksum", _nicaragua, "cedula_nicaraguense numero_cedula", "cédula", punctuated("###-######-#####")),
    *identifier("PA_RUC", "ids_with_context", lambda draw: f"{draw.digits(7)}-1-{draw.digits(6)}", "ruc", "RUC"),
    *identifier("PASSPORT", "ids_with_context", lambda draw: draw.text(UPPER, 2) + draw.digits(6), "pasaporte numero_pasaporte passaporte", "pasaporte passaporte"),
    *identifier("BANK_ACCOUNT", "ids_with_context", digits(12), "numero_cuenta cuenta_bancaria", "cuenta_bancaria"),
    *identifier("CA_SIN", "ids_with_checksum", ended(digits(8, "1234567"), luhn_digit), "sin_number social_insurance_number", "SIN", punctuated("### ### ###")),
    *identifier("US_ITIN", "ids_with_context", valid(itin.is_valid, lambda draw: "9" + draw.digits(8)), "itin", "ITIN", punctuated("###-##-####")),
    *identifier("US_EIN", "ids_with_context", valid(ein.is_valid, digits(9)), "ein employer_identification_number", "EIN", punctuated("##-#######")),
    *identifier("US_BANK_NUMBER", "ids_with_context", digits(10), "account_number bank_account", "bank_account_number"),
    *identifier("ABA_ROUTING_NUMBER", "ids_with_checksum", valid(_is_routing_number, digits(9, "01236")), "routing_number aba_routing_number", "routing_number"),
    *identifier("US_DRIVER_LICENSE", "ids_with_context", lambda draw: draw.pick(UPPER) + draw.digits(7), "driver_license drivers_license", "driver_license"),
    *identifier("US_PASSPORT", "ids_with_context", digits(9), "passport_number us_passport", "passport_number"),
)  # fmt: skip
