"""Honduran taxpayer numbers (RTN): the identity number of a person, or that of a company, and a digit; 14 digits."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS
from .hn_identity import is_registered


def _valid(number: str) -> bool:
    """Behind the municipality a year of birth, or for companies a 9 and the last three digits of a year (SAR)."""
    year = int(number[4:8])
    return is_registered(number) and (1900 <= year <= 2035 or 9900 <= year <= 9999 or 9000 <= year <= 9035)


HN_RTN = also_alone(
    identifier(
        "HN_RTN",
        country="HN",
        keys=(
            "rtn nro_rtn num_rtn numero_rtn no_rtn rtn_number rtn_numero rtn_cliente rtn_emisor rtn_empresa "
            "registro_tributario_nacional"
        ),
        shared_keys=f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
        bare=("0{14}",),
        length=(14, 14),
        written=("0{4}-0{4}-0{6}", "0{4}-0{4}-0{5}-0"),
        valid=_valid,
        zeros=14,
    ),
    "0{14}",
    valid=_valid,
    one_in=1200,
)
