"""Magnetic stripe and chip data of cards: tracks 1 and 2, whatever key or none they stand under."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Digits, Hit, Keyed
from .card_ranges import in_range, luhn

_KEYS = frozenset(
    "track track1 track2 track_1 track_2 track_data track1_data track2_data track_1_data track_2_data "
    "track2_equivalent_data track_two_equivalent_data icc_data emv_data de35 de45 de55 iso_de35 iso_de55".split()
)
_REST = re.compile(r"[=D][0-9]{7,40}F?\??")


def _second(text: str, start: int, end: int) -> Hit | None:
    """A card number, a separator, then expiry, service code and what the issuer adds."""
    rest = _REST.match(text, end)
    if rest is None or not in_range(text[start:end]) or not luhn(text[start:end]):
        return None
    return start, rest.end(), 1.0


CARD_TRACK = Definition(
    "CARD_TRACK",
    (
        # ISO/IEC 7813: start sentinel, format B, number, name, expiry and service code.
        Anchored(("%b",), after=r"%[bB][0-9]{12,19}\^[^^\n]{2,26}\^[0-9]{4}[^?\n]{0,60}\??", score=1.0),
        Digits(r"(?<![0-9])[0-9]{12,19}(?![0-9])", least=12, check=_second),
        Keyed(_KEYS, bare=r"[%;]?[0-9A-Za-z+/^=? ]{16,512}", whole=True, score=0.95),
    ),
    restorable=False,
)
