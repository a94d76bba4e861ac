"""Mexican population register codes (CURP): letters of the name, date of birth, sex, state, a check digit."""

from __future__ import annotations

from stdnum.mx import curp

from ...evidence.identifiers import identifier
from .american_keys import CHECKED_DOCUMENT_KEYS


def _valid(number: str) -> bool:
    """Date, sex and state alone leave one of ten thousand; so a mistyped check digit hides nobody."""
    return len(number) == 18 and bool(curp.is_valid(number, validate_check_digits=False))


MX_CURP = identifier(
    "MX_CURP",
    country="MX",
    keys=(
        "curp clave_curp nro_curp num_curp numero_curp curp_number curp_cliente curp_titular "
        "clave_unica_registro_poblacion clave_unica_de_registro_de_poblacion"
    ),
    shared_keys=CHECKED_DOCUMENT_KEYS,
    bare=("A{4}0{6}A{6}[A0]0",),
    length=(18, 18),
    written=("A{4}[ -]0{6}[ -]A{6}[A0]0", "A{4}[ -]0{6}[ -]A{6}[ -][A0]0"),
    valid=_valid,
    one_in=10_000,
)
