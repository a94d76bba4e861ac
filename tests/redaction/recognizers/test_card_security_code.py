"""Card security codes and PIN blocks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.card_security_code import CARD_SECURITY_CODE

TABLE: list[tuple[str, str, list[str]]] = [
    ("in JSON", '"cvv":"123"', ["123"]),
    ("a number in JSON", '{"cvc2": 1234}', ["1234"]),
    ("in a form", "card_cvv=987&x=1", ["987"]),
    ("in prose", "the CVV 123 was wrong", ["123"]),
    ("in Portuguese", "codigo_de_seguranca: 321", ["321"]),
    ("a PIN", "card_pin=4821", ["4821"]),
    ("a pin of a chip", "pin=17", []),
    ("a PIN block", "pin_block=0412AC89ABCDEF67", ["0412AC89ABCDEF67"]),
    ("a result of the check", "cvv_result=M cvv_check=pass", []),
    ("a longer number", "cvv_latency_us 12345", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CARD_SECURITY_CODE, text) == values


def test_never_kept() -> None:
    assert not CARD_SECURITY_CODE.restorable
