"""Argentine identity cards (DNI): seven or eight digits without a check, so only its word or key tells it."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .american_keys import DNI_KEYS, DOCUMENT_KEYS


def _possible(number: str) -> bool:
    """Numbers below a million belong to people born in the 19th century."""
    return int(number) >= 1_000_000


AR_DNI = identifier(
    "AR_DNI",
    country="AR",
    keys=DNI_KEYS,
    shared_keys=DOCUMENT_KEYS,
    bare=("0{7,8}", r"(?<!\.)0{1,2}\.0{3}\.0{3}(?!\.)"),
    length=(7, 8),
    valid=_possible,
)
