"""Costa Rican identity cards (cédula física): nine digits, the province first, without a check."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .american_keys import CEDULA_KEYS, DOCUMENT_KEYS


def _possible(number: str) -> bool:
    """Provinces 1 to 7, naturalised citizens 8, special cases 9; sometimes a zero in front (TSE)."""
    return number.lstrip("0")[:1] != "" and len(number.lstrip("0")) == 9


CR_CEDULA = identifier(
    "CR_CEDULA",
    country="CR",
    keys=f"{CEDULA_KEYS} cedula_fisica cédula_física cedula_persona_fisica cedula_costarricense cedula_cr",
    shared_keys=f"identificacion_fisica {DOCUMENT_KEYS}",
    bare=("0{9}", "0-0{4}-0{4}", "0{2}-0{4}-0{4}"),
    length=(9, 10),
    valid=_possible,
)
