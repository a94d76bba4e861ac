"""Phone numbers that receive money by SINPE Móvil in Costa Rica: eight digits under a key or behind the word."""

from __future__ import annotations

from ...evidence.identifiers import identifier


def _mobile(number: str) -> bool:
    """Mobile numbers begin with 5 to 8 (SUTEL, Plan Nacional de Numeración)."""
    return number.removeprefix("506")[0] in "5678"


CR_SINPE = identifier(
    "CR_SINPE",
    country="CR",
    keys=(
        "sinpe sinpe_movil sinpe_móvil sinpe_phone sinpe_number numero_sinpe telefono_sinpe teléfono_sinpe "
        "celular_sinpe sinpe_telefono sinpe_destino"
    ),
    bare=("0{8}", "0{4}[ -]0{4}"),
    length=(8, 11),
    valid=_mobile,
)
