"""Identifiers of the Americas.

Check digits: python-stdnum where it calculates them, else `check_digits`, which names its sources. Forms: the issuing
authorities' own.
"""

# ruff: noqa: E501 - the table at the end reads better with one identifier a line
from __future__ import annotations

import uuid

from stdnum.ar import cbu, cuit
from stdnum.br import cnpj
from stdnum.cl import rut as cl_rut
from stdnum.co import nit as co_nit
from stdnum.do import rnc
from stdnum.ec import ruc as ec_ruc
from stdnum.gt import nit as gt_nit
from stdnum.mx import curp, rfc
from stdnum.pe import ruc as pe_ruc
from stdnum.py import ruc as py_ruc
from stdnum.sv import nit as sv_nit
from stdnum.uy import rut as uy_rut
from stdnum.ve import rif

from .check_digits import ci_uruguay_digit, clabe_digit, cpf_digits, cui_guatemala_digit, dui_digit, luhn_digit
from .draw import DIGITS, UPPER, Draw
from .generator import Generator, ended, identifier, punctuated, valid

_CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ"
_NONZERO = "123456789"


def _cpf(draw: Draw) -> str:
    body = draw.digits(9)
    return body + cpf_digits(body)


def _cnpj(draw: Draw) -> str:
    body = draw.digits(8) + f"{draw.number(1, 9):04d}"
    return body + str(cnpj.calc_check_digits(body))


def _cnpj_letters(draw: Draw) -> str:
    """Since July 2026 the first twelve may be letters."""
    body = draw.text(UPPER, 2) + draw.text(DIGITS + UPPER, 6) + f"{draw.number(1, 9):04d}"
    return body + str(cnpj.calc_check_digits(body))


def _pix_key(draw: Draw) -> str:
    """A random key (EVP) is a UUID of version 4 (BCB, DICT API)."""
    return str(uuid.UUID(int=draw.number(0, (1 << 128) - 1), version=4))


def _cuit(draw: Draw) -> str:
    body = draw.pick(("20", "23", "24", "27", "30", "33")) + draw.digits(8, _NONZERO)
    return body + str(cuit.calc_check_digit(body))


def _cbu(draw: Draw) -> str:
    bank, account = draw.digits(7), draw.digits(13)
    return bank + str(cbu.calc_check_digit(bank)) + account + str(cbu.calc_check_digit(account))


def _rut(draw: Draw) -> str:
    body = draw.digits(8, "12")
    return body + str(cl_rut.calc_check_digit(body))


def _nit_colombia(draw: Draw) -> str:
    body = draw.pick("89") + draw.digits(8)
    return body + str(co_nit.calc_check_digit(body))


def _curp(draw: Draw) -> str:
    body = draw.text(_CONSONANTS, 1) + draw.pick("AEIOU") + draw.text(_CONSONANTS, 2) + draw.born("%y%m%d")
    body += draw.pick("HM") + draw.pick(("DF", "JC", "NL", "MC", "VZ", "OC")) + draw.text(_CONSONANTS, 3) + "0"
    return body + str(curp.calc_check_digit(body))


def _rfc(draw: Draw) -> str:
    body = draw.text(_CONSONANTS, 1) + draw.pick("AEIOU") + draw.text(_CONSONANTS, 2) + draw.born("%y%m%d")
    body += draw.text(_CONSONANTS + DIGITS, 2)
    return body + str(rfc.calc_check_digit(body))


def _clabe(draw: Draw) -> str:
    body = draw.pick(("002", "012", "014", "021", "072", "646")) + draw.digits(14)
    return body + clabe_digit(body)


def _ruc_peru(draw: Draw) -> str:
    body = draw.pick(("10", "15", "20")) + draw.digits(8)
    return body + str(pe_ruc.calc_check_digit(body))


def _ci_ecuador(draw: Draw) -> str:
    body = f"{draw.number(1, 24):02d}{draw.number(0, 5)}{draw.digits(6)}"
    return body + luhn_digit(body)


def _rif(draw: Draw) -> str:
    body = draw.pick("VEJG") + draw.digits(8, _NONZERO)
    return body + str(rif.calc_check_digit(body))


def _cui(draw: Draw) -> str:
    while True:
        number = draw.digits(8, _NONZERO)
        digit = cui_guatemala_digit(number)
        if digit != "X":
            return f"{number}{digit}{draw.number(1, 22):02d}{draw.number(1, 8):02d}"


def _dui(draw: Draw) -> str:
    body = "0" + draw.digits(7)
    return body + dui_digit(body)


def _nit_salvador(draw: Draw) -> str:
    body = f"0{draw.number(101, 999)}{draw.born('%d%m%y')}{draw.number(101, 105)}"
    return body + str(sv_nit.calc_check_digit(body))


def _ssn(draw: Draw) -> str:
    """Social Security Administration: area not 000, 666 or 9xx."""
    return f"{draw.number(100, 665)}{draw.number(10, 99)}{draw.number(1000, 9999)}"


AMERICAS: tuple[Generator, ...] = (
    *identifier("BR_CPF", "ids_with_checksum", _cpf, "cpf nrCpf cpf_titular customer.cpf", "CPF", punctuated("###.###.###-##")),
    *identifier("BR_CNPJ", "ids_with_checksum", _cnpj, "cnpj nr_cnpj cnpjEmpresa", "CNPJ", punctuated("##.###.###/####-##")),
    Generator(
        "BR_CNPJ with letters",
        ("BR_CNPJ",),
        "ids_with_checksum",
        _cnpj_letters,
        ("cnpj", "cnpj_cliente"),
        ("CNPJ",),
    ),
    *identifier("BR_PIX_KEY BR_PIX PIX_KEY", "ids_with_context", _pix_key, "chave_pix pix_key chavePix", "chave_PIX PIX_key"),
    *identifier("AR_DNI", "ids_with_context", lambda draw: draw.digits(8, "1234"), "dni nro_dni documento_dni", "DNI", punctuated("##.###.###")),
    *identifier("AR_CUIT", "ids_with_checksum", _cuit, "cuit cuil nro_cuit", "CUIT CUIL", punctuated("##-########-#")),
    *identifier("AR_CBU", "ids_with_checksum", _cbu, "cbu cvu cbu_destino", "CBU CVU"),
    *identifier("CL_RUT CL_RUN", "ids_with_checksum", _rut, "rut run rut_cliente", "RUT RUN", punctuated("##.###.###-#")),
    *identifier("CO_NIT", "ids_with_checksum", _nit_colombia, "nit nit_empresa", "NIT", punctuated("###.###.###-#")),
    *identifier("CO_CEDULA CO_CC", "ids_with_context", lambda draw: "1" + draw.digits(9, "01"), "cedula cedula_ciudadania numero_cedula", "cédula cédula_de_ciudadanía", punctuated("#.###.###.###")),
    *identifier("MX_CURP", "ids_with_checksum", _curp, "curp curp_titular", "CURP"),
    *identifier("MX_RFC", "ids_with_checksum", _rfc, "rfc rfc_receptor", "RFC"),
    *identifier("MX_CLABE", "ids_with_checksum", _clabe, "clabe cuenta_clabe clabe_interbancaria", "CLABE"),
    *identifier("PE_DNI", "ids_with_context", lambda draw: draw.digits(8, "4567"), "dni numero_dni dniCliente", "DNI"),
    *identifier("PE_RUC", "ids_with_checksum", _ruc_peru, "ruc numero_ruc", "RUC"),
    *identifier("UY_CI UY_CEDULA", "ids_with_checksum", ended(lambda draw: draw.digits(7, "12345"), ci_uruguay_digit), "ci cedula cedula_identidad", "cédula_de_identidad CI", punctuated("#.###.###-#")),
    *identifier("UY_RUT", "ids_with_checksum", valid(uy_rut.is_valid, lambda draw: f"21{draw.digits(6, _NONZERO)}001{draw.digits(1)}"), "rut rut_empresa", "RUT"),
    *identifier("EC_CEDULA EC_CI", "ids_with_checksum", _ci_ecuador, "cedula ci_cliente cedula_identidad", "cédula"),
    *identifier("EC_RUC", "ids_with_checksum", valid(ec_ruc.is_valid, lambda draw: _ci_ecuador(draw) + "001"), "ruc ruc_empresa", "RUC"),
    *identifier("BO_CI", "ids_with_context", lambda draw: draw.digits(7, _NONZERO), "ci carnet_identidad cedula_identidad", "carnet_de_identidad CI"),
    *identifier("BO_NIT", "ids_with_context", lambda draw: draw.digits(10, _NONZERO), "nit nit_cliente", "NIT"),
    *identifier("PY_RUC", "ids_with_checksum", ended(lambda draw: "800" + draw.digits(5), py_ruc.calc_check_digit), "ruc ruc_cliente", "RUC", punctuated("########-#")),
    *identifier("PY_CI PY_CEDULA", "ids_with_context", lambda draw: draw.digits(7, "123456"), "ci cedula cedula_identidad", "cédula_de_identidad CI"),
    *identifier("CR_CEDULA CR_CPF", "ids_with_context", lambda draw: f"{draw.number(1, 7)}{draw.number(100, 999):04d}{draw.digits(4)}", "cedula numero_cedula", "cédula", punctuated("#-####-####")),
    *identifier("CR_DIMEX", "ids_with_context", lambda draw: "1" + draw.digits(11, "258"), "dimex numero_dimex", "DIMEX"),
    *identifier("DO_CEDULA", "ids_with_checksum", ended(lambda draw: f"{draw.pick(('001', '031', '402'))}{draw.digits(7)}", luhn_digit), "cedula cedula_identidad", "cédula", punctuated("###-#######-#")),
    *identifier("DO_RNC", "ids_with_checksum", ended(lambda draw: "1" + draw.digits(7), rnc.calc_check_digit), "rnc rnc_empresa", "RNC", punctuated("#-##-#####-#")),
    *identifier("PA_CEDULA", "ids_with_context", lambda draw: f"{draw.number(1, 9)}-{draw.number(100, 999)}-{draw.number(1000, 9999)}", "cedula cedula_panama", "cédula"),
    *identifier("GT_NIT", "ids_with_checksum", ended(lambda draw: draw.digits(7, _NONZERO), gt_nit.calc_check_digit), "nit nit_cliente", "NIT", punctuated("#######-#")),
    *identifier("GT_DPI GT_CUI", "ids_with_checksum", _cui, "dpi cui numero_dpi", "DPI CUI", punctuated("#### ##### ####")),
    *identifier("SV_DUI", "ids_with_checksum", _dui, "dui numero_dui", "DUI", punctuated("########-#")),
    *identifier("SV_NIT", "ids_with_checksum", _nit_salvador, "nit nit_empresa", "NIT", punctuated("####-######-###-#")),
    *identifier("VE_RIF", "ids_with_checksum", _rif, "rif rif_empresa", "RIF", punctuated("#-########-#")),
    *identifier("VE_CI VE_CEDULA", "ids_with_context", lambda draw: draw.pick("VE") + "-" + draw.digits(8, "12"), "cedula cedula_identidad", "cédula"),
    *identifier("US_SSN", "ids_with_context", _ssn, "ssn social_security_number customer_ssn", "SSN social_security_number", punctuated("###-##-####")),
)  # fmt: skip
