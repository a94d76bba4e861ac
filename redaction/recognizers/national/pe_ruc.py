"""Peruvian taxpayer numbers (RUC): a prefix of two digits, the DNI or a serial, a check digit."""

from __future__ import annotations

from stdnum.pe import ruc

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

_PREFIXES = frozenset({"10", "15", "16", "17", "20"})  # persons, and companies with 20 (SUNAT)


def _valid(number: str) -> bool:
    return number[:2] in _PREFIXES and bool(ruc.calc_check_digit(number[:10]) == number[10])


def _usual(number: str) -> bool:
    """Companies are numbered from 201 to 206 millions."""
    return (number[:2] != "20" or number[2] in "123456") and _valid(number)


PE_RUC = also_alone(
    identifier(
        "PE_RUC",
        country="PE",
        keys="ruc nro_ruc num_ruc numero_ruc no_ruc ruc_number ruc_numero ruc_empresa ruc_emisor ruc_cliente",
        shared_keys=f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
        bare=("0{11}",),
        length=(11, 11),
        valid=_valid,
    ),
    "0{11}",
    valid=_usual,
    one_in=240,
)
