"""Salvadoran identity cards (DUI): eight digits and a check digit."""

from __future__ import annotations

from ...definition import Keyed
from ...evidence.identifiers import identifier
from .also_alone import also_alone, with_rules
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS
from .weighted_sum import weighted_sum


def _valid(number: str) -> bool:
    """Weights 9 to 2 and the rest to ten (RNPN)."""
    return int(number[8]) == -weighted_sum(number[:8], range(9, 1, -1)) % 10


def _issued(number: str) -> bool:
    """Fewer than ten million have been given out, so all begin with a zero."""
    return number[0] == "0" and _valid(number)


_KEYS = "dui nro_dui num_dui numero_dui no_dui dui_number dui_numero dui_cliente documento_unico_de_identidad"
# As a JSON number it has lost its zeros.
_SHORT = Keyed(frozenset(_KEYS.split()), bare=r"[0-9]{7,8}(?![0-9A-Za-z])", score=0.75)

SV_DUI = also_alone(
    with_rules(
        identifier(
            "SV_DUI",
            country="SV",
            keys=_KEYS,
            shared_keys=f"nit {CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",  # the DUI has been the NIT of persons since 2021
            bare=("0{8}-0", "0{9}"),
            length=(9, 9),
            valid=_valid,
        ),
        _SHORT,
    ),
    "0{8}-0",
    "0{9}",
    valid=_issued,
    one_in=49,
)
