"""Venezuelan tax numbers (RIF): a letter for the kind, eight digits, a check digit."""

from __future__ import annotations

from stdnum.ve import rif

from ...evidence.identifiers import identifier
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

VE_RIF = identifier(
    "VE_RIF",
    country="VE",
    keys="rif nro_rif num_rif numero_rif no_rif rif_number rif_numero rif_empresa rif_cliente rif_emisor",
    shared_keys=f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
    bare=("A-?0{8}-?0",),
    length=(10, 10),
    valid=rif.is_valid,
    one_in=57,  # five letters of 26, one check digit of eleven
)
