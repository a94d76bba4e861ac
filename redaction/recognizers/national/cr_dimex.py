"""Costa Rican residence cards of foreigners (DIMEX): 11 or 12 digits that begin with a 1, without a check."""

from __future__ import annotations

from stdnum.cr import cr

from ...evidence.identifiers import identifier
from .american_keys import DOCUMENT_KEYS

CR_DIMEX = identifier(
    "CR_DIMEX",
    country="CR",
    keys="dimex nro_dimex num_dimex numero_dimex dimex_number cedula_residencia cédula_de_residencia nite numero_nite",
    shared_keys=DOCUMENT_KEYS,
    bare=("0{11,12}",),
    length=(10, 12),
    valid=cr.is_valid,
)
