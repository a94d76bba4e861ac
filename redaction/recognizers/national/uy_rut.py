"""Uruguayan taxpayer numbers (RUT): twelve digits, the last one a check digit."""

from __future__ import annotations

from stdnum.uy import rut

from ...evidence.identifiers import identifier
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

UY_RUT = identifier(
    "UY_RUT",
    country="UY",
    keys="rut rut_empresa nro_rut num_rut numero_rut rut_number rut_uy",
    shared_keys=f"ruc {CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
    bare=("0{12}",),
    length=(12, 12),
    written=("00[ -]0{6}[ -]0{3}[ -]0",),
    valid=rut.is_valid,
    one_in=50_000,  # offices 01 to 22, then 001 before the check digit (DGI)
    zeros=12,
)
