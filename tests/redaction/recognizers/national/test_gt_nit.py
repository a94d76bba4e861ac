"""NIT of Guatemala by its check digit, words and keys; with a K too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.gt_nit import GT_NIT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "nit=54152143", ["54152143"]),
    ("in JSON, quoted", '{"nit":"54152143","status":"ok"}', ["54152143"]),
    ("in JSON, as a number", '{"nit": 54152143, "status": "ok"}', ["54152143"]),
    ("at the end of a longer key", "customer.nit: 54152143", ["54152143"]),
    ("mistyped under its key", "nit=54152144", ["54152144"]),
    ("under tax_id, which others share", "tax_id=54152143", ["54152143"]),
    ("under tax_id, not valid", "tax_id=54152144", []),
    ("behind its word", "NIT 54152143", ["54152143"]),
    ("in a sentence", "factura a nombre del NIT 54152143", ["54152143"]),
    ("with a hyphen behind its word", "NIT 5415214-3", ["5415214-3"]),
    ("with a hyphen under a key that says nothing", "xq7=5415214-3", ["5415214-3"]),
    ("with a K under its key", "nit: 576937-K", ["576937-K"]),
    ("under a key that says nothing", "xq7=54152143", ["54152143"]),
    ("under a key that holds a word", "zone_hint=54152143", []),
    ("with nothing around it", "got 54152143 from partner", []),
    ("another check digit", "xq7=54152144 got 54152144 from partner", []),
    ("an order", "order_id=54152143", []),
    ("a size", "read 54152143 bytes", []),
    ("a trace", "trace=54152143", []),
    ("a piece of a name", "pod-54152143-x7k2p /v1/54152143/items", []),
    ("longer by a digit", "xq7=541521437 NIT=x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(GT_NIT, text) == values
