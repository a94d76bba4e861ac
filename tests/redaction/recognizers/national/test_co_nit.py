"""NIT of Colombia by its check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.co_nit import CO_NIT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "nit=9015555556", ["9015555556"]),
    ("in JSON, quoted", '{"nit":"9015555556","status":"ok"}', ["9015555556"]),
    ("in JSON, as a number", '{"nit": 9015555556, "status": "ok"}', ["9015555556"]),
    ("at the end of a longer key", "customer.nit: 9015555556", ["9015555556"]),
    ("mistyped under its key", "nit=9015555557", ["9015555557"]),
    ("under tax_id, which others share", "tax_id=9015555556", ["9015555556"]),
    ("under documento, which others share", "documento=9015555556", ["9015555556"]),
    ("under tax_id, not valid", "tax_id=9015555557", []),
    ("behind its word", "NIT 9015555556", ["9015555556"]),
    ("in a sentence", "el comercio con NIT 9015555556 fue rechazado", ["9015555556"]),
    ("as it is written", "x 901.555.555-6 y", ["901.555.555-6"]),
    ("with a hyphen behind its word", "Nit: 901555555-6", ["901555555-6"]),
    ("under a key that says nothing", "xq7=9015555556", ["9015555556"]),
    ("with nothing around it", "got 9015555556 from partner", ["9015555556"]),
    ("another check digit", "xq7=9015555557 got 9015555557 from partner", []),
    ("an order", "order_id=9015555556", []),
    ("a size", "read 9015555556 bytes", []),
    ("a trace", "trace=9015555556", []),
    ("a piece of a name", "pod-9015555556-x7k2p /v1/9015555556/items", []),
    ("longer by a digit", "xq7=90155555567 NIT=x", []),
    ("an epoch", "xq7=1764000000", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CO_NIT, text) == values
