"""RNC by its check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.do_rnc import DO_RNC

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "rnc=112434402", ["112434402"]),
    ("in JSON, quoted", '{"rnc":"112434402","status":"ok"}', ["112434402"]),
    ("in JSON, as a number", '{"rnc": 112434402, "status": "ok"}', ["112434402"]),
    ("at the end of a longer key", "customer.rnc: 112434402", ["112434402"]),
    ("mistyped under its key", "rnc=112434403", ["112434403"]),
    ("under tax_id, which others share", "tax_id=112434402", ["112434402"]),
    ("under tax_id, not valid", "tax_id=112434403", []),
    ("behind its word", "RNC 112434402", ["112434402"]),
    ("in a sentence", "el contribuyente con RNC 112434402 está suspendido", ["112434402"]),
    ("as it is written", "x 1-12-43440-2 y", ["1-12-43440-2"]),
    ("under a key that says nothing", "xq7=112434402", ["112434402"]),
    ("with nothing around it", "got 112434402 from partner", []),
    ("a published example", "xq7=122011226", ["122011226"]),
    ("another check digit", "xq7=112434403 got 112434403 from partner", []),
    ("an order", "order_id=112434402", []),
    ("a size", "read 112434402 bytes", []),
    ("a trace", "trace=112434402", []),
    ("a piece of a name", "pod-112434402-x7k2p /v1/112434402/items", []),
    ("longer by a digit", "xq7=1124344027 RNC=x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(DO_RNC, text) == values
