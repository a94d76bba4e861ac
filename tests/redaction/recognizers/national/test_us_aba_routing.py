"""Routing numbers by their check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.us_aba_routing import US_ABA_ROUTING

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "routing_number=021000021", ["021000021"]),
    ("in JSON, quoted", '{"routing_number":"021000021","status":"ok"}', ["021000021"]),
    ("in JSON, as a number", '{"routing_number": 21000021, "status": "ok"}', ["21000021"]),
    ("at the end of a longer key", "customer.routing_number: 021000021", ["021000021"]),
    ("mistyped under its key", "routing_number=021000022", ["021000022"]),
    ("under rtn, which others share", "rtn=021000021", ["021000021"]),
    ("under routing, which others share", "routing=021000021", ["021000021"]),
    ("under rtn, not valid", "rtn=021000022", []),
    ("behind its word", "routing number 021000021", ["021000021"]),
    ("in a sentence", "ACH to ABA 021000021 was returned", ["021000021"]),
    ("with hyphens behind its word", "ABA 0210-0002-1", ["0210-0002-1"]),
    ("under a key that says nothing", "xq7=021000021", ["021000021"]),
    ("with nothing around it", "got 021000021 from partner", []),
    ("another check digit", "xq7=021000022 got 021000022 from partner", []),
    ("an order", "order_id=021000021", []),
    ("a size", "read 021000021 bytes", []),
    ("a trace", "trace=021000021", []),
    ("a piece of a name", "pod-021000021-x7k2p /v1/021000021/items", []),
    ("longer by a digit", "xq7=0210000217 routing number=x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(US_ABA_ROUTING, text) == values
