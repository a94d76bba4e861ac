"""NIT of Bolivia by its word and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.bo_nit import BO_NIT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "nit=1020703023", ["1020703023"]),
    ("in JSON, quoted", '{"nit":"1020703023","status":"ok"}', ["1020703023"]),
    ("in JSON, as a number", '{"nit": 1020703023, "status": "ok"}', ["1020703023"]),
    ("at the end of a longer key", "customer.nit: 1020703023", ["1020703023"]),
    ("behind its word", "NIT 1020703023", ["1020703023"]),
    ("in a sentence", "factura emitida al NIT 1020703023", ["1020703023"]),
    ("under a key that says nothing", "xq7=1020703023", []),
    ("with nothing around it", "got 1020703023 from partner", []),
    ("an order", "order_id=1020703023", []),
    ("a size", "read 1020703023 bytes", []),
    ("a trace", "trace=1020703023", []),
    ("a piece of a name", "pod-1020703023-x7k2p /v1/1020703023/items", []),
    ("longer by a digit", "xq7=10207030237 NIT=x", []),
    ("a nitpick", "review: nit 3 lines", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BO_NIT, text) == values
