"""CBU and CVU by their check digits, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ar_cbu import AR_CBU

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cbu=2853738021831672971513", ["2853738021831672971513"]),
    ("in JSON, quoted", '{"cbu":"2853738021831672971513","status":"ok"}', ["2853738021831672971513"]),
    ("in JSON, as a number", '{"cbu": 2853738021831672971513, "status": "ok"}', ["2853738021831672971513"]),
    ("at the end of a longer key", "customer.cbu: 2853738021831672971513", ["2853738021831672971513"]),
    ("mistyped under its key", "cbu=2853738021831672971514", ["2853738021831672971514"]),
    ("under cuenta_destino, which others share", "cuenta_destino=2853738021831672971513", ["2853738021831672971513"]),
    ("under account_number, which others share", "account_number=2853738021831672971513", ["2853738021831672971513"]),
    ("under cuenta_destino, not valid", "cuenta_destino=2853738021831672971514", []),
    ("behind its word", "CVU 2853738021831672971513", ["2853738021831672971513"]),
    ("in a sentence", "transferencia al CBU 2853738021831672971513 rechazada", ["2853738021831672971513"]),
    ("as it is written", "x 28537380 21831672971513 y", ["28537380 21831672971513"]),
    ("mistyped behind its word", "CBU 2853738021831672971514", ["2853738021831672971514"]),
    ("under a key that says nothing", "xq7=2853738021831672971513", ["2853738021831672971513"]),
    ("with nothing around it", "got 2853738021831672971513 from partner", ["2853738021831672971513"]),
    ("another check digit", "xq7=2853738021831672971514 got 2853738021831672971514 from partner", []),
    ("an order", "order_id=2853738021831672971513", []),
    ("a size", "read 2853738021831672971513 bytes", []),
    ("a trace", "trace=2853738021831672971513", []),
    ("a piece of a name", "pod-2853738021831672971513-x7k2p /v1/2853738021831672971513/items", []),
    ("longer by a digit", "xq7=28537380218316729715137 CVU=x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AR_CBU, text) == values
