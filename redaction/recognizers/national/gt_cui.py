"""Guatemalan identity numbers (CUI, on the DPI): serial, a check digit, department and municipality; 13 digits."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS
from .weighted_sum import weighted_sum

# Municipalities of the departments 01 to 22 (INE Guatemala).
_MUNICIPALITIES = (17, 8, 16, 16, 13, 14, 19, 8, 24, 21, 9, 30, 32, 21, 8, 17, 14, 5, 11, 11, 7, 17)


def _valid(number: str) -> bool:
    """Weights 2 to 9, modulo 11 (RENAP)."""
    department, municipality = int(number[9:11]), int(number[11:])
    if not 1 <= department <= len(_MUNICIPALITIES) or not 1 <= municipality <= _MUNICIPALITIES[department - 1]:
        return False
    return weighted_sum(number, range(2, 10)) % 11 == int(number[8])


_BY_ITSELF = also_alone(
    identifier(
        "GT_CUI",
        country="GT",
        keys=(
            "cui dpi nro_dpi num_dpi numero_dpi no_dpi dpi_number dpi_numero dpi_cliente nro_cui num_cui numero_cui "
            "cui_number cui_dpi dpi_cui codigo_unico_identificacion codigo_unico_de_identificacion"
        ),
        shared_keys=CHECKED_DOCUMENT_KEYS,
        bare=("0{13}", "0{4}[ -]0{5}[ -]0{4}"),
        length=(13, 13),
        valid=_valid,
        zeros=13,
    ),
    "0{13}",
    "0{4}[ -]0{5}[ -]0{4}",
    valid=_valid,
    one_in=320,
)
# What reads as a time counts under a key.
GT_CUI = also_alone(_BY_ITSELF, "0{13}", valid=_valid, one_in=49, even_times=True)
