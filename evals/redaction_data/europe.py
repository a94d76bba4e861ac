"""Identifiers of Europe and of Russia and Ukraine.

Check digits: python-stdnum where it has them, else written here from the published rule that is named.
"""

# ruff: noqa: E501 - the table at the end reads better with one identifier a line
from __future__ import annotations

from stdnum.de import idnr
from stdnum.es import nie
from stdnum.fr import nif as fr_nif
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale, iva
from stdnum.nl import bsn
from stdnum.pl import nip, pesel
from stdnum.pt import cc
from stdnum.pt import nif as pt_nif
from stdnum.ro import cnp
from stdnum.ru import inn
from stdnum.ua import rntrc

from .check_digits import weighted
from .draw import DIGITS, UPPER, Draw
from .generator import Generator, digits, ended, identifier, punctuated, valid


def _nie(draw: Draw) -> str:
    body = draw.pick("XYZ") + draw.digits(7)
    return body + str(nie.calc_check_digit(body))


def _dni_spain(draw: Draw) -> str:
    body = draw.digits(8, DIGITS)
    return body + "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23]


def _fiscal_code(draw: Draw) -> str:
    """Name and first name in consonants, year, letter of the month, day, place of birth."""
    body = f"{draw.text('BCDFGLMNPRST', 6)}{draw.number(50, 99)}{draw.pick('ABCDEHLMPRST')}{draw.number(1, 28):02d}{draw.pick(('H501', 'F205', 'L219'))}"
    return body + str(codicefiscale.calc_check_digit(body))


def _nir(draw: Draw) -> str:
    body = f"{draw.pick('12')}{draw.number(50, 99)}{draw.number(1, 12):02d}{draw.number(1, 19):02d}{draw.digits(3, '0')}{draw.digits(3, '0')}"
    return body + str(nir.calc_check_digits(body))


def _cc_portugal(draw: Draw) -> str:
    body = draw.digits(9) + draw.text(UPPER, 2)
    return body + str(cc.calc_check_digit(body))


def _snils(draw: Draw) -> str:
    """Pension Fund of Russia: digits times 9 to 1, modulo 101, 100 as 0; from 001-001-998 on."""
    body = draw.digits(9, "123456789")
    return f"{body}{weighted(body, range(9, 0, -1)) % 101 % 100:02d}"


def _nino(draw: Draw) -> str:
    """HMRC: neither D, F, I, Q, U, V nor a second O; prefixes in use."""
    return f"{draw.pick(('AB', 'CE', 'JR', 'PX', 'WL'))}{draw.text(DIGITS, 6)}{draw.pick('ABCD')}"


EUROPE: tuple[Generator, ...] = (
    *identifier("DE_TAX_ID", "ids_with_checksum", valid(idnr.is_valid, digits(11)), "steuer_id steueridentifikationsnummer", "Steuer-ID"),
    *identifier("ES_NIF ES_DNI", "ids_with_checksum", _dni_spain, "nif dni_es", "NIF"),
    *identifier("ES_NIE", "ids_with_checksum", _nie, "nie numero_nie", "NIE"),
    *identifier("FR_NIF", "ids_with_checksum", ended(digits(10, "0123"), fr_nif.calc_check_digits), "nif_fr numero_fiscal spi", "numéro_fiscal"),
    *identifier("FR_NIR", "ids_with_checksum", _nir, "nir numero_securite_sociale", "numéro_de_sécurité_sociale"),
    *identifier("IT_FISCAL_CODE", "ids_with_checksum", _fiscal_code, "codice_fiscale", "codice_fiscale"),
    *identifier("IT_VAT_CODE", "ids_with_checksum", valid(iva.is_valid, digits(11, "0")), "partita_iva", "partita_IVA"),
    *identifier("NL_BSN", "ids_with_checksum", valid(bsn.is_valid, digits(9)), "bsn burgerservicenummer", "BSN"),
    *identifier("PL_NIP", "ids_with_checksum", valid(nip.is_valid, digits(10)), "nip numer_nip", "NIP", punctuated("###-###-##-##")),
    *identifier("PL_PESEL", "ids_with_checksum", ended(lambda draw: draw.born("%y%m%d") + draw.digits(4), pesel.calc_check_digit), "pesel numer_pesel", "PESEL"),
    *identifier("PT_CC", "ids_with_checksum", _cc_portugal, "cartao_cidadao numero_cc", "cartão_de_cidadão"),
    *identifier("PT_NIF", "ids_with_checksum", ended(digits(8, "12"), pt_nif.calc_check_digit), "nif_pt contribuinte", "NIF"),
    *identifier("RO_CNP", "ids_with_checksum", ended(lambda draw: draw.pick("12") + draw.born("%y%m%d") + f"{draw.number(1, 40):02d}{draw.digits(3)}", cnp.calc_check_digit), "cnp", "CNP"),
    *identifier("RU_INN", "ids_with_checksum", ended(digits(10), inn.calc_personal_check_digits), "inn инн", "ИНН INN"),
    *identifier("RU_PASSPORT", "ids_with_context", lambda draw: f"{draw.number(1, 99):02d}{draw.number(1, 25):02d}{draw.digits(6)}", "паспорт ru_passport", "паспорт", punctuated("#### ######")),
    *identifier("RU_SNILS", "ids_with_checksum", _snils, "snils снилс", "СНИЛС", punctuated("###-###-### ##")),
    *identifier("UA_RNOKPP", "ids_with_checksum", ended(digits(9, "23"), rntrc.calc_check_digit), "rnokpp рнокпп", "РНОКПП"),
    *identifier("UK_NHS", "ids_with_checksum", valid(nhs.is_valid, digits(10, "4679")), "nhs_number nhs", "NHS_number", punctuated("### ### ####")),
    *identifier("UK_NINO", "ids_with_context", _nino, "nino national_insurance_number", "national_insurance_number"),
)  # fmt: skip
