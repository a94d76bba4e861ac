"""Magnetic stripe data."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest

from opswarden.redaction.recognizers.card_track import CARD_TRACK

FIRST = "%B4111111111111111^DOE/JANE^2512101123456789?"
SECOND = "4111111111111111=25121011234567890"
GROUPED = "%25B4111%201111%201111%201111%5EDOE%2FJANE%5E2512101123%3F"
AS_HEX = SECOND.encode().hex().upper()

TABLE: list[tuple[str, str, list[str]]] = [
    ("track 1", f"read {FIRST} ok", [FIRST]),
    ("track 1 in a URL", f"?f={quote(FIRST)}&limit=50", [quote(FIRST)]),
    ("track 1 with groups in a URL", "f=%25B4111%201111%201111%201111%5EDOE%2FJANE%5E2512101123%3F&p=1", [GROUPED]),
    ("track 2", f"read ;{SECOND}? ok", [f";{SECOND}?"]),
    ("track 2 in a URL", f"?f={quote(f';{SECOND}?')}&limit=50", [quote(f";{SECOND}?")]),
    ("track 2 in a statement", f"set swipe = 1;{SECOND}? where", [f";{SECOND}?"]),
    ("track 2 as ISO 8583 writes it", "4111111111111111D25121011234567890F", ["4111111111111111D25121011234567890F"]),
    ("whatever stands under its key", 'track2="xyz123 4567890 abcdef"', ["xyz123 4567890 abcdef"]),
    ("track 1 without sentinels", f"{FIRST[2:-1]} ok", [FIRST[2:-1]]),
    ("track 2 in small hex digits", "4111111111111111d25121011234567890", ["4111111111111111d25121011234567890"]),
    (
        "UnionPay's track 2, whose number has no check digit",
        ";6212345678901234=25121011234567890?",
        [";6212345678901234=25121011234567890?"],
    ),
    ("in another language", "trilha2=4111111111111111=2512101123", ["4111111111111111=2512101123"]),
    ("track 2, its characters as hex digits", f"3B{AS_HEX}3F", [f"3B{AS_HEX}3F"]),
    ("carets in code", "a ^ b ^ c and 2^10^2", []),
    ("a number that is no card", "4111111111111112=25121011234567890", []),
    ("a small sum", "4111111111111111=2512", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CARD_TRACK, text) == values


def test_never_kept() -> None:
    assert not CARD_TRACK.restorable
