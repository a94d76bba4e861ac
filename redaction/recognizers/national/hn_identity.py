"""Honduran identity cards (DNI, formerly tarjeta de identidad): municipality, year of birth, serial; no check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS, DNI_KEYS

# Municipalities of the departments 01 to 18 (RNP).
_MUNICIPALITIES = (8, 10, 21, 23, 12, 16, 19, 28, 6, 17, 4, 19, 28, 16, 23, 28, 9, 11)


def is_registered(number: str) -> bool:
    """Whether the first four digits are a municipality."""
    department, municipality = int(number[:2]), int(number[2:4])
    return 1 <= department <= len(_MUNICIPALITIES) and 1 <= municipality <= _MUNICIPALITIES[department - 1]


def _valid(number: str) -> bool:
    return is_registered(number) and 1900 <= int(number[4:8]) <= 2035


def _before_the_epochs(number: str) -> bool:
    """Milliseconds since 1970 begin with 14 to 18, which are departments too."""
    return number[:2] < "14" and _valid(number)


HN_IDENTITY = also_alone(
    identifier(
        "HN_IDENTITY",
        country="HN",
        keys=f"{DNI_KEYS} identidad nro_identidad num_identidad numero_identidad no_identidad tarjeta_identidad "
        "tarjeta_de_identidad identidad_cliente",
        shared_keys=CHECKED_DOCUMENT_KEYS,
        bare=("0{13}",),
        length=(13, 13),
        written=("0{4}-0{4}-0{5}", "0{4} 0{4} 0{5}"),
        valid=_valid,
        zeros=13,
    ),
    "0{13}",
    valid=_before_the_epochs,
    one_in=2400,
    even_times=True,
)
