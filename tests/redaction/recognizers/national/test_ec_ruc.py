"""RUC of Ecuador by its province, check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ec_ruc import EC_RUC

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "ruc=1028282612001", ["1028282612001"]),
    ("in JSON, quoted", '{"ruc":"1028282612001","status":"ok"}', ["1028282612001"]),
    ("in JSON, as a number", '{"ruc": 1028282612001, "status": "ok"}', ["1028282612001"]),
    ("at the end of a longer key", "customer.ruc: 1028282612001", ["1028282612001"]),
    ("mistyped under its key", "ruc=1028282613001", ["1028282613001"]),
    ("under documento, which others share", "documento=1028282612001", ["1028282612001"]),
    ("under tax_id, which others share", "tax_id=1028282612001", ["1028282612001"]),
    ("under documento, not valid", "documento=1028282613001", []),
    ("behind its word", "RUC 1028282612001", ["1028282612001"]),
    ("in a sentence", "el emisor con RUC 1028282612001 no está autorizado", ["1028282612001"]),
    ("under a key that says nothing", "xq7=1028282612001", ["1028282612001"]),
    ("with nothing around it", "got 1028282612001 from partner", ["1028282612001"]),
    ("another check digit", "xq7=1028282613001 got 1028282613001 from partner", []),
    ("an order", "order_id=1028282612001", []),
    ("a size", "read 1028282612001 bytes", []),
    ("a trace", "trace=1028282612001", []),
    ("a piece of a name", "pod-1028282612001-x7k2p /v1/1028282612001/items", []),
    ("longer by a digit", "xq7=10282826120017 RUC=x", []),
    ("milliseconds", "xq7=1764000000000 got 1764000000123 from", []),
    ("a company with a wrong check digit", "xq7=1790000000001", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(EC_RUC, text) == values
