"""Magnetic stripe data of cards and its equivalents in the chip: tracks 1, 2 and 3, under any key or none."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Digits, Hit, Keyed
from .card_ranges import in_range, luhn

_KEYS = frozenset(
    "track track1 track2 track3 track_1 track_2 track_3 track_data trackdata track1_data track2_data track3_data "
    "track_1_data track_2_data track_3_data track_one track_two trk1 trk2 trk3 magstripe magnetic_stripe_data "
    "mag_stripe swipe_data card_track track2_equivalent track2_equivalent_data track_two_equivalent_data "
    "track2equivalentdata track1_equivalent_data track2_eq trilha trilha1 trilha2 trilha_1 trilha_2 pista pista1 "
    "pista2 pista_1 pista_2 banda_magnetica tarja_magnetica encrypted_track2 enc_track2".split()
)
_REST = re.compile(r"[=Dd^]([0-9]{7,40})F?f?\??")
_LONGEST_AS_HEX = 96
_MONTHS = frozenset(f"{month:02d}" for month in range(1, 13))


def _second(text: str, start: int, end: int) -> Hit | None:
    """ISO/IEC 7813 track 2: a card number, a separator, then expiry, service code and what the issuer adds."""
    rest = _REST.match(text, end)
    digits = text[start:end]
    if rest is None or not in_range(digits):
        return None
    # Between its sentinels a number needs no check digit; UnionPay has cards without.
    if not luhn(digits) and not (text[start - 1 : start] == ";" and rest[1][2:4] in _MONTHS):
        return None
    # Its start sentinel is part of it.
    return start - (text[start - 1 : start] == ";"), rest.end(), 1.0


def _first(text: str, start: int, end: int) -> Hit | None:
    """ISO/IEC 7813 track 1, with or without its sentinels."""
    number = "".join(part for part in text[start:end].partition("^")[0] if part.isdigit())
    return (start, end, 1.0) if 12 <= len(number) <= 19 else None


# The characters of a number, `=` or `D`, and the rest of the track, each as two hex digits.
_AS_HEX = re.compile(r"(?<!3[0-9])((?:3[0-9]){12,19}+)(?:3[dD]|44|64)(?:3[0-9]){7,40}+(?:3[fF]|46)?")


def _second_as_hex(text: str, start: int, end: int) -> Hit | None:
    track = _AS_HEX.search(text, start, min(len(text), end + _LONGEST_AS_HEX))
    if track is None or track.start() >= end:
        return None
    number = track[1][1::2]
    return (*track.span(), 1.0) if in_range(number) and luhn(number) else None


CARD_TRACK = Definition(
    "CARD_TRACK",
    (
        # Format B: number, name, then expiry and service code.
        Anchored(
            ("^",),
            after=r"\^[^^\n]{2,26}\^(?:[0-9]{4}|\^)(?:[^?\n\"']{0,60}\?|[^?\s\"']{0,60})",
            before=r"[0-9](?:[ ]?[0-9]){11,18}[bB]?%?",
            check=_first,
        ),
        Digits(r"(?<![0-9])[0-9]{12,19}(?![0-9])", least=12, check=_second),
        Digits(r"(?<![0-9])[0-9]{24,}+", least=24, check=_second_as_hex),
        Keyed(_KEYS, bare=r"[%;]?[0-9A-Za-z+/^=? ]{16,512}", whole=True, score=0.95),
    ),
    restorable=False,
)
