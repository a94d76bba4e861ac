"""Costa Rican numbers of companies and institutions (cédula jurídica): class, kind, serial; ten digits."""

from __future__ import annotations

from stdnum.cr import cpj

from ...evidence.identifiers import identifier
from .american_keys import CEDULA_KEYS, CHECKED_DOCUMENT_KEYS, TAX_KEYS

CR_COMPANY = identifier(
    "CR_COMPANY",
    country="CR",
    keys="cedula_juridica cédula_jurídica cedula_persona_juridica numero_cedula_juridica nro_cedula_juridica",
    shared_keys=f"{CEDULA_KEYS} {CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
    bare=("0{10}",),
    length=(10, 10),
    written=("0-0{3}-0{6}",),
    valid=cpj.is_valid,
    one_in=340,  # 29 of 10,000 beginnings exist
)
