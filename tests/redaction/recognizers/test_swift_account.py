"""Accounts in SWIFT MT messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.swift_account import SWIFT_ACCOUNT

TABLE: list[tuple[str, str, list[str]]] = [
    ("of the other side in a statement", ":86:177?20Miete?31DE89370400440532013000?32Ebru", ["DE89370400440532013000"]),
    ("behind its name", ":86:/TRTP/SEPA/IBAN/NL91ABNA0417164300/NAME/J VASK", ["NL91ABNA0417164300"]),
    ("of both", ":50K:/123456789\nANA\n:59:/DE89370400440532013000\nJOHN\n-}", ["123456789", "DE89370400440532013000"]),
    ("with a bank's code", ":59A:/123456789\nDEUTDEFF\n:71A:SHA", ["123456789"]),
    ("on one line", r":20:R\n:50K:/123456789\nANA\n:71A:SHA", ["123456789"]),
    ("none", ":59:JOHN DOE\nBERLIN", []),
    ("times", "10:59:12 and 10:50:/x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(SWIFT_ACCOUNT, text) == values
