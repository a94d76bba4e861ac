"""CLABE by its check digit, its bank, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.mx_clabe import MX_CLABE

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "clabe=021812604691439750", ["021812604691439750"]),
    ("in JSON, quoted", '{"clabe":"021812604691439750","status":"ok"}', ["021812604691439750"]),
    ("in JSON, as a number", '{"clabe": 21812604691439750, "status": "ok"}', ["21812604691439750"]),
    ("at the end of a longer key", "customer.clabe: 021812604691439750", ["021812604691439750"]),
    ("mistyped under its key", "clabe=021812604691439751", ["021812604691439751"]),
    ("under cuenta_destino, which others share", "cuenta_destino=021812604691439750", ["021812604691439750"]),
    ("under account_number, which others share", "account_number=021812604691439750", ["021812604691439750"]),
    ("under cuenta_destino, not valid", "cuenta_destino=021812604691439751", []),
    ("behind its word", "CLABE 021812604691439750", ["021812604691439750"]),
    ("in a sentence", "transferencia SPEI a 021812604691439750 rechazada", ["021812604691439750"]),
    ("under a key that says nothing", "xq7=021812604691439750", ["021812604691439750"]),
    ("with nothing around it", "got 021812604691439750 from partner", ["021812604691439750"]),
    ("mistyped behind its word", "clabe 012180001234567895", ["012180001234567895"]),
    ("a broker's under a key that says nothing", "xq7=646180157000000004", ["646180157000000004"]),
    ("in groups behind its word", "CLABE 646-180-15700000000-4", ["646-180-15700000000-4"]),
    ("another check digit", "xq7=021812604691439751 got 021812604691439751 from partner", []),
    ("an order", "order_id=021812604691439750", []),
    ("a size", "read 021812604691439750 bytes", []),
    ("a trace", "trace=021812604691439750", []),
    ("a piece of a name", "pod-021812604691439750-x7k2p /v1/021812604691439750/items", []),
    ("longer by a digit", "xq7=0218126046914397507 CLABE=x", []),
    ("a broker's with nothing around it", "got 646180157000000004 from", []),
    ("a bank that is none", "xq7=199180157000000005", []),
    ("the id of a post", "id 175928847299117063", []),
    ("the id of a block", "blk_-1608999687919862906 blk_160899968791986290", []),
    ("microseconds", "xq7=1764000000000000", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MX_CLABE, text) == values
