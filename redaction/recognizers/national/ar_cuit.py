"""Argentine tax and labour numbers (CUIT, CUIL, CDI): a prefix of two digits, the DNI or a serial, a check digit."""

from __future__ import annotations

from stdnum.ar import cuit

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

# Persons, companies, and 50 to 55 for what is abroad (ARCA).
_PREFIXES = frozenset("20 23 24 25 26 27 30 33 34 50 51 55".split())
_COMPANIES = frozenset({"30", "33", "34"})


def _valid(number: str) -> bool:
    return number[:2] in _PREFIXES and bool(cuit.calc_check_digit(number[:10]) == number[10])


def _usual(number: str) -> bool:
    """The DNI behind a person's prefix is below 70 million or a foreigner's; companies have got 5 to 7 million tens."""
    if number[:2] in _COMPANIES:
        return number[2] in "567" and _valid(number)
    return number[0] == "2" and number[2] in "01234569" and _valid(number)


AR_CUIT = also_alone(
    identifier(
        "AR_CUIT",
        country="AR",
        keys=(
            "cuit cuil cdi cuit_cuil cuil_cuit nro_cuit num_cuit numero_cuit no_cuit cuit_number cuit_cliente nro_cuil "
            "num_cuil numero_cuil cuil_number clave_unica_tributaria"
        ),
        shared_keys=f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
        bare=("0{11}", "00[ ./]0{8}[ ./]0"),
        length=(11, 11),
        written=("00-0{8}-0", r"00-0{2}\.0{3}\.0{3}-0"),
        valid=_valid,
        one_in=49,
    ),
    "0{11}",
    valid=_usual,
    one_in=150,
)
