"""Keys backwards and in ROT13. They are put together here so that no scanner takes them for real ones."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import pytest

from opswarden.redaction.engine import Redaction
from opswarden.redaction.recognizers.turned_token import TURNED_TOKEN

BODY = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
TOKENS = [
    "AK" + "IA" + "QK7MZ2XWPLN4TR6B",
    "AK" + "IA" + "QKWMZAXWPLNBTRGB",
    "sk" + "-" + BODY,
    "gh" + "p_" + BODY[:36],
    "hvs" + "." + BODY[:24],
    "SG" + "." + BODY[:22] + "." + (BODY + BODY)[:43],
    "ey" + "J" + BODY + "." + "ey" + "J" + BODY + "." + BODY,
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("frame", ["blob={}", 'it is "{}".', "{}, and more"])
def test_turned(finds: Callable[..., list[str]], token: str, frame: str) -> None:
    for turned in (token[::-1], codecs.encode(token, "rot13")):
        assert finds(TURNED_TOKEN, frame.format(turned)) == [turned]


@pytest.mark.parametrize(
    "text",
    [
        "fx-rates-snapshot-publisher-7d9f8b6c5d-x2x9z",
        "us_CentralProductionClusterForPaymentRuns",
        "trace 4bf92f3577b34da6a3ce929d0e0e4736",
        "payments-gateway-production-canary-desk-ks",
        "3f786850e387550fdab836ed7e6dc881de23001b",
        "NXVN is what they call the queue",
        "learn-inference-service-abcde-cf",
    ],
)
def test_names_and_hashes_are_none(finds: Callable[..., list[str]], text: str) -> None:
    assert finds(TURNED_TOKEN, text) == []


@pytest.mark.parametrize("gap", [" ", "-", ".", "|", "_"])
def test_letter_by_letter(redaction: Redaction, gap: str) -> None:
    for token in TOKENS[:1] + TOKENS[2:4]:
        cleaned = redaction.scrub(f"blob={gap.join(token)} was dumped")
        assert cleaned == "blob=<SECRET> was dumped", (gap, cleaned)


@pytest.mark.parametrize(
    "text",
    ["row 1 0 2 4 5 3 1 0 0 0 1 2 9 4 1 7 3", "a b c d e f g h i j k l m n o p q r", "u.s.a.f.r.o.m.t.h.e.n.o.r.t.h"],
)
def test_lists_of_letters_stay(redaction: Redaction, text: str) -> None:
    assert redaction.scrub(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("blob=" + "4539578763621486"[::-1], "blob=<CREDIT_CARD>"),
        ("order_id=" + "4539578763621486"[::-1], "order_id=" + "4539578763621486"[::-1]),
        ("offset=1764000000000000", "offset=1764000000000000"),
    ],
)
def test_a_card_backwards(redaction: Redaction, text: str, cleaned: str) -> None:
    assert redaction.scrub(text) == cleaned
