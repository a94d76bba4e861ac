"""Passports by English key and word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.us_passport import US_PASSPORT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "passport_number=A12345678", ["A12345678"]),
    ("in JSON, quoted", '{"passport_number":"A12345678","status":"ok"}', ["A12345678"]),
    ("at the end of a longer key", "customer.passport_number: A12345678", ["A12345678"]),
    ("in small letters under its key", "passport_number=a12345678", ["a12345678"]),
    ("behind its word", "passport A12345678", ["A12345678"]),
    ("in a sentence", "traveller with passport number A12345678 was refused", ["A12345678"]),
    ("under a key that says nothing", "xq7=A12345678", []),
    ("with nothing around it", "got A12345678 from partner", []),
    ("nine digits", "passport 123456789", ["123456789"]),
    ("an order", "order_id=A12345678", []),
    ("a size", "read A12345678 bytes", []),
    ("a trace", "trace=A12345678", []),
    ("a piece of a name", "pod-A12345678-x7k2p /v1/A12345678/items", []),
    ("of another country", "passport_no=AB1234567", []),
    ("a library", "passport: 0.4.1 passport=enabled", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(US_PASSPORT, text) == values
