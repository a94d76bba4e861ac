"""PAN by its form and the kind of its holder. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.in_pan import IN_PAN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "PAN ABCPE1234F rejected", ["ABCPE1234F"]),
    ("in a sentence of the country", "स्थायी खाता: पैन ABCPE1234F सही नहीं", ["ABCPE1234F"]),
    ("under a key that says nothing", "xq7=ABCPE1234F", ["ABCPE1234F"]),
    ("with nothing around it", "got ABCPE1234F today", ["ABCPE1234F"]),
    ("under its own key", "pan_number=ABCPE1234F", ["ABCPE1234F"]),
    ("mistyped under its own key", "pan_number=ABCXE1234F", ["ABCXE1234F"]),
    ("under a key that others share", "pan=ABCPE1234F", ["ABCPE1234F"]),
    ("mistyped under a key that others share", "pan=ABCXE1234F", []),
    ("in JSON", '{"panNumber":"ABCPE1234F","ok":true}', ["ABCPE1234F"]),
    ("in small letters under its key", "pan_number=abcpe1234f", ["abcpe1234f"]),
    ("a card under the same key", "pan=4111111111111111", []),
    ("serial 0000", "got ABCPE0000F", []),
    ("a bank branch", "ifsc HDFC0001234", []),
    ("inside a token", "token=xABCPE1234Fy", []),
    ("a wrong one beside its word", "PAN ABCXE1234F rejected", []),
    ("an order", "order_id=ABCPE1234F", []),
    ("a block", "blk_ABCPE1234F replicated", []),
    ("in a path", "GET /api/v1/orders/ABCPE1234F/items", []),
    ("part of something longer", "PAN ABCPE1234FZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081abcpe1234f884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IN_PAN, text) == values
