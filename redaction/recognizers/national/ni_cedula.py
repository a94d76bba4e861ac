"""Nicaraguan identity cards (cédula): municipality, date of birth, serial, a check letter."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .american_keys import CEDULA_KEYS, CHECKED_DOCUMENT_KEYS, TAX_KEYS
from .calendar_date import is_day

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXY"


def _valid(number: str) -> bool:
    """The letter is the number modulo 23 in an alphabet without I, O and Z (Consejo Supremo Electoral)."""
    if len(number) != 14 or not number[:13].isdecimal() or not is_day(number[5:7], number[3:5]):
        return False
    return number[13] == _LETTERS[int(number[:13]) % 23]


NI_CEDULA = identifier(
    "NI_CEDULA",
    country="NI",
    keys="cedula_nicaragua cedula_nicaraguense cedula_ni numero_cedula_ni",
    shared_keys=f"{CEDULA_KEYS} ruc {CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
    bare=("0{13}A",),
    length=(14, 14),
    written=("0{3}-0{6}-0{4}-?A",),
    valid=_valid,
    words=CEDULA_KEYS,
    one_in=700,
)
