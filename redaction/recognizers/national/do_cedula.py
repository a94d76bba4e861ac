"""Dominican identity cards (cédula): municipality, serial, a Luhn check digit; 11 digits."""

from __future__ import annotations

from stdnum.do import cedula

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CEDULA_KEYS, CHECKED_DOCUMENT_KEYS

# Places of registration, those of the new municipalities around the capital, and cards since 2014 (JCE).
_SERIES = frozenset({*range(1, 137), *range(223, 230), 402})


def _valid(number: str) -> bool:
    return bool(cedula.is_valid(number))


def _of_a_municipality(number: str) -> bool:
    return int(number[:3]) in _SERIES and _valid(number)


DO_CEDULA = also_alone(
    identifier(
        "DO_CEDULA",
        country="DO",
        keys=f"{CEDULA_KEYS} cedula_dominicana cedula_do cedula_identidad_electoral cedula_de_identidad_y_electoral",
        shared_keys=f"rnc {CHECKED_DOCUMENT_KEYS}",
        bare=("0{11}",),
        length=(11, 11),
        written=("0{3}-0{7}-0",),
        valid=_valid,
        zeros=11,
    ),
    "0{11}",
    valid=_of_a_municipality,
    one_in=70,
)
