"""Peruvian account numbers (CCI): bank, branch, account, two check digits; 20 digits."""

from __future__ import annotations

from ...definition import Digits
from ...evidence.identifiers import evidence_words, identifier
from .also_alone import also_alone, with_rules
from .american_keys import ACCOUNT_KEYS

# Banks and savings banks that take part in the clearing house (CCE, Entidades participantes).
_BANKS = frozenset(
    "001 002 003 007 009 011 018 023 035 037 038 043 046 049 053 054 055 056 058 059 060 091 093 094 800 801 802 803 "
    "805 806 808 809 813 814 835 919 920 921 922 923".split()
)


def _digit(part: str) -> int:
    """Weights 1, 2, 1, 2 …, digits of the products added up, to the next ten (CCE)."""
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(part))
    return -sum(product // 10 + product % 10 for product in products) % 10


def _valid(number: str) -> bool:
    return number[18:] == f"{_digit(number[:6])}{_digit(number[6:18])}"


def _of_a_bank(number: str) -> bool:
    return number[:3] in _BANKS and _valid(number)


# Behind its own word a mistyped one is still somebody's; nothing else of 20 digits stands there.
_WORDS = evidence_words("cci cuenta_interbancaria")
_MISTYPED = Digits(r"(?<![0-9])[0-9]{20}(?![0-9])", least=20, score=0.75, evidence=_WORDS)
PE_CCI = also_alone(
    with_rules(
        identifier(
            "PE_CCI",
            country="PE",
            keys=(
                "cci nro_cci num_cci numero_cci cci_number codigo_cci cuenta_cci cci_destino cci_origen "
                "cuenta_interbancaria codigo_cuenta_interbancario código_cuenta_interbancario "
                "codigo_de_cuenta_interbancario"
            ),
            shared_keys=ACCOUNT_KEYS,
            bare=("0{20}", "0{3}[ -]0{3}[ -]0{12}[ -]00"),
            length=(20, 20),
            valid=_valid,
            zeros=20,
        ),
        _MISTYPED,
    ),
    "0{20}",
    "0{3}-0{3}-0{12}-00",
    valid=_of_a_bank,
    one_in=2000,
)
