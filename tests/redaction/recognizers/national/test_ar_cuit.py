"""CUIT and CUIL by their check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ar_cuit import AR_CUIT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cuit=20421221694", ["20421221694"]),
    ("in JSON, quoted", '{"cuit":"20421221694","status":"ok"}', ["20421221694"]),
    ("in JSON, as a number", '{"cuit": 20421221694, "status": "ok"}', ["20421221694"]),
    ("at the end of a longer key", "customer.cuit: 20421221694", ["20421221694"]),
    ("mistyped under its key", "cuit=20421221695", ["20421221695"]),
    ("under documento, which others share", "documento=20421221694", ["20421221694"]),
    ("under tax_id, which others share", "tax_id=20421221694", ["20421221694"]),
    ("under documento, not valid", "documento=20421221695", []),
    ("behind its word", "CUIL 20421221694", ["20421221694"]),
    ("in a sentence", "el contribuyente con CUIT 20421221694 no existe", ["20421221694"]),
    ("as it is written", "x 20-42122169-4 y", ["20-42122169-4"]),
    ("in groups behind its word", "CUIT 20 42122169 4", ["20 42122169 4"]),
    ("in groups, without a word", "x 20 42122169 4 y", []),
    ("written with a wrong check digit", "x 20-42122169-5 y", []),
    ("under a key that says nothing", "xq7=20421221694", ["20421221694"]),
    ("with nothing around it", "got 20421221694 from partner", ["20421221694"]),
    ("another check digit", "xq7=20421221695 got 20421221695 from partner", []),
    ("an order", "order_id=20421221694", []),
    ("a size", "read 20421221694 bytes", []),
    ("a trace", "trace=20421221694", []),
    ("a piece of a name", "pod-20421221694-x7k2p /v1/20421221694/items", []),
    ("longer by a digit", "xq7=204212216947 CUIL=x", []),
    ("a prefix that is none", "xq7=21421221694", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AR_CUIT, text) == values
