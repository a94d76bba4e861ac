"""Panamanian identity cards (cédula): province or letters, book, entry (8-123-4567, PE-12-345), without a check."""

from __future__ import annotations

from ...definition import Definition, Digits, Hit, Keyed, Lettered, alphanumeric
from ...evidence.identifiers import evidence_words
from .american_keys import CEDULA_KEYS, DOCUMENT_KEYS

_WRITTEN = r"(?:[0-9]{1,2}(?:AV|PI)?|PE|E|N)-[0-9]{1,4}-[0-9]{1,6}(?![0-9A-Za-z\-])"
_OWN = f"{CEDULA_KEYS} cedula_panama cedula_panameña cip cip_panama"
_SPOKEN = evidence_words(_OWN)


def _province(text: str, start: int, end: int) -> Hit | None:
    """Provinces and regions 1 to 13 (Tribunal Electoral)."""
    province = text[start:end].partition("-")[0]
    return (start, end, 0.8) if 1 <= int(province) <= 13 else None


def _letters(text: str, start: int, end: int) -> Hit | None:
    """E for foreigners, PE for those born abroad, N for naturalised citizens, AV and PI after the province."""
    letters = text[start:end].partition("-")[0].lstrip("0123456789")
    return (start, end, 0.8) if letters in {"E", "PE", "N", "AV", "PI"} else None


PA_CEDULA = Definition(
    "PA_CEDULA",
    (
        Digits(r"(?<![0-9])[0-9]{1,2}-[0-9]{1,4}-[0-9]{3,6}(?![0-9])", least=9, check=_province, evidence=_SPOKEN),
        Lettered(r"(?<![A0])(?:A{1,2}|0{1,2}A{2})-0{1,4}-0{1,6}(?![A0])", check=_letters, evidence=_SPOKEN),
        Keyed(frozenset(_OWN.split()), bare=_WRITTEN, score=0.97),
        Keyed(frozenset(DOCUMENT_KEYS.split()), bare=_WRITTEN, score=0.96),
    ),
    identity=alphanumeric,
    country="PA",
)
