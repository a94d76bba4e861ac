"""RG by its word and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.br_rg import BR_RG

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "rg=123456789", ["123456789"]),
    ("in JSON, quoted", '{"rg":"123456789","status":"ok"}', ["123456789"]),
    ("in JSON, as a number", '{"rg": 123456789, "status": "ok"}', ["123456789"]),
    ("at the end of a longer key", "customer.rg: 123456789", ["123456789"]),
    ("behind its word", "RG 123456789", ["123456789"]),
    ("in a sentence", "carteira de identidade 123456789 SSP/SP", ["123456789"]),
    ("written behind its word", "portador do RG 12.345.678-9", ["12.345.678-9"]),
    ("with an X under its key", "rg: 12.345.678-X", ["12.345.678-X"]),
    ("with the state under its key", "rg=MG-12.345.678-1", ["MG-12.345.678-1"]),
    ("written, without its word", "x 12.345.678-9 y", []),
    ("under a key that says nothing", "xq7=123456789", []),
    ("with nothing around it", "got 123456789 from partner", []),
    ("an order", "order_id=123456789", []),
    ("a size", "read 123456789 bytes", []),
    ("a trace", "trace=123456789", []),
    ("a piece of a name", "pod-123456789-x7k2p /v1/123456789/items", []),
    ("longer by a digit", "xq7=1234567897 RG=x", []),
    ("a resource group", "rg=payments-prod-01", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BR_RG, text) == values
