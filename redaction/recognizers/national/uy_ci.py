"""Uruguayan identity cards (CI): six or seven digits and a check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CEDULA_KEYS, CHECKED_DOCUMENT_KEYS
from .weighted_sum import weighted_sum


def _valid(number: str) -> bool:
    """Weights 2, 9, 8, 7, 6, 3, 4 and the rest to ten (Dirección Nacional de Identificación Civil)."""
    return int(number[-1]) == -weighted_sum(number[:-1].zfill(7), (2, 9, 8, 7, 6, 3, 4)) % 10


def _issued(number: str) -> bool:
    """Seven million have not been reached."""
    return number[0] in "123456" and _valid(number)


UY_CI = also_alone(
    identifier(
        "UY_CI",
        country="UY",
        keys="nro_ci num_ci numero_ci no_ci ci_number ci_numero ci_cliente ci_titular cedula_uruguaya cedula_uy",
        shared_keys=f"ci {CEDULA_KEYS} {CHECKED_DOCUMENT_KEYS}",
        bare=("0{7,8}", "0{6,7}-0"),
        length=(7, 8),
        written=(r"0\.0{3}\.0{3}[-/]0",),
        valid=_valid,
        words="ci cedula cédula",
    ),
    "0{8}",
    "0{7}-0",
    valid=_issued,
    one_in=15,
)
