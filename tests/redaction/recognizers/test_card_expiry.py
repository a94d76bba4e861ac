"""Expiry dates of cards, and dates that are none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.card_expiry import CARD_EXPIRY

CARD = "4111111111111111"

TABLE: list[tuple[str, str, list[str]]] = [
    (
        "Turkish and Spanish",
        f"{CARD} skt 04/29; tarjeta vence 11/28, lote vence 11/28\nlote vence 11/28",
        ["04/29", "11/28", "11/28"],
    ),
    ("behind its word", f"she pasted {CARD} exp 08/27", ["08/27"]),
    ("behind the word, of a certificate", "cert of ingress expires 08/27", []),
    ("behind the number, with nothing between", f"add card {CARD} 12/29 123, press pay", ["12/29"]),
    ("parted by strokes", f"{CARD}|12|2029|123", ["12|2029"]),
    ("behind a number that is no card", "4111111111111112 12/29 123; 4111111111111112|12|2029|123", []),
    ("of one figure", f"expiryDate=6/2028&pan={CARD}", ["6/2028"]),
    ("in COBOL", f"CARD-NUM={CARD} EXP-DT=1127", ["1127"]),
    ("beside a card's number", f"pan={CARD} exp=12/27 amount=10", ["12/27"]),
    ("before a card's number", f"exp=2712 pan={CARD}", ["2712"]),
    ("beside a truncated number", '{"number":"411111******1111","expiry":"12/2027"}', ["12/2027"]),
    ("month and year apart", f'{{"exp_month":12,"exp_year":2027,"number":"{CARD}"}}', ["12", "2027"]),
    ("under a key that says card", "card_expiry: 2027-12", ["2027-12"]),
    ("in Portuguese", f"validade=12/2027 cartao={CARD}", ["12/2027"]),
    ("in Spanish", f"tarjeta {CARD} vencimiento: 12/27", ["12/27"]),
    ("of a token", "exp=1764000000", []),
    ("of a token beside a card", f"pan={CARD} exp=1764000000", []),
    ("of a licence", "license expiry=12/27", []),
    ("of a certificate", "cert for card-api expiry=2026-11-30T00:00:00Z", []),
    ("card on another line", f"{CARD}\nexp=12/27", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CARD_EXPIRY, text) == values


def test_under_the_key_of_a_json_value(finds: Callable[..., list[str]]) -> None:
    assert finds(CARD_EXPIRY, "12/27", "card.expiry") == ["12/27"]
    assert finds(CARD_EXPIRY, "12/27", "licence.expiry") == []


def test_never_kept() -> None:
    assert not CARD_EXPIRY.restorable
