"""Venezuelan identity cards (cédula): V or E, then six to nine digits without a check."""

from __future__ import annotations

from ...definition import Hit, Keyed, Lettered
from ...evidence.identifiers import identifier
from .also_alone import with_rules
from .american_keys import CEDULA_KEYS, DOCUMENT_KEYS


def _valid(number: str) -> bool:
    return number[0] in "VE" and number[1:].isdecimal()


def _in_thousands(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.6) if text[start] in "VE" else None


VE_CEDULA = with_rules(
    identifier(
        "VE_CEDULA",
        country="VE",
        keys="cedula_venezolana cedula_ve",
        shared_keys=f"ci {CEDULA_KEYS} {DOCUMENT_KEYS}",
        bare=("A-?0{6,9}", r"A-?0{1,2}\.0{3}\.0{3}"),
        length=(7, 10),
        valid=_valid,
        words=f"ci {CEDULA_KEYS}",
    ),
    # Letter, hyphen and thousands: nothing else is written so.
    Lettered(r"(?<![A0])A-0{1,2}\.0{3}\.0{3}(?![A0])", check=_in_thousands),
    Keyed(frozenset({"cedula_venezolana", "cedula_ve"}), bare=r"[0-9]{6,9}(?![0-9A-Za-z])", score=0.75),
)
