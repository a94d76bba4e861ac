"""Salvadoran tax numbers (NIT): municipality, date, serial, a check digit; 14 digits."""

from __future__ import annotations

from stdnum.sv import nit

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS
from .calendar_date import is_day


def _dated(number: str) -> bool:
    """The date of birth or foundation is written DDMMYY."""
    return is_day(number[6:8], number[4:6]) and bool(nit.is_valid(number))


SV_NIT = also_alone(
    identifier(
        "SV_NIT",
        country="SV",
        keys="nit nro_nit num_nit numero_nit no_nit nit_number nit_emisor nit_receptor nit_cliente nit_sv",
        shared_keys=f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
        bare=("0{14}",),
        length=(14, 14),
        written=("0{4}-0{6}-0{3}-0",),
        valid=nit.is_valid,
        zeros=14,
    ),
    "0{14}",
    valid=_dated,
    one_in=1000,
)
