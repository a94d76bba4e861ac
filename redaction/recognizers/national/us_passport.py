"""Passports of the United States by key or word: nine digits, or since 2021 a letter and eight.

Passports of other countries, and keys in other languages, are for the recognizer of passports.
"""

from __future__ import annotations

from ...definition import Definition, Digits, Keyed, Lettered, alphanumeric
from ...evidence.identifiers import evidence_words

_KEYS = frozenset(
    "passport passport_number passport_no passport_num passport_id us_passport passport_nbr travel_document "
    "travel_document_number".split()
)
_WORDS = evidence_words("passport passport_number travel_document")

US_PASSPORT = Definition(
    "US_PASSPORT",
    (
        Keyed(_KEYS, bare=r"(?:[0-9]{9}|[A-Za-z][0-9]{8})(?![0-9A-Za-z])", score=0.8),
        Digits(r"(?<![0-9])[0-9]{9}(?![0-9])", least=9, score=0.75, evidence=_WORDS),
        Lettered(r"(?<![A0])A0{8}(?![A0])", score=0.75, evidence=_WORDS),
    ),
    identity=alphanumeric,
    country="US",
)
