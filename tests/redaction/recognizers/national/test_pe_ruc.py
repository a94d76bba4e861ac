"""RUC of Peru by its prefix, check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pe_ruc import PE_RUC

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "ruc=20512333797", ["20512333797"]),
    ("in JSON, quoted", '{"ruc":"20512333797","status":"ok"}', ["20512333797"]),
    ("in JSON, as a number", '{"ruc": 20512333797, "status": "ok"}', ["20512333797"]),
    ("at the end of a longer key", "customer.ruc: 20512333797", ["20512333797"]),
    ("mistyped under its key", "ruc=20512333798", ["20512333798"]),
    ("under document, which others share", "document=20512333797", ["20512333797"]),
    ("under tax_id, which others share", "tax_id=20512333797", ["20512333797"]),
    ("under document, not valid", "document=20512333798", []),
    ("behind its word", "RUC 20512333797", ["20512333797"]),
    ("in a sentence", "la empresa con RUC 20512333797 no está habida", ["20512333797"]),
    ("under a key that says nothing", "xq7=20512333797", ["20512333797"]),
    ("with nothing around it", "got 20512333797 from partner", ["20512333797"]),
    ("another check digit", "xq7=20512333798 got 20512333798 from partner", []),
    ("an order", "order_id=20512333797", []),
    ("a size", "read 20512333797 bytes", []),
    ("a trace", "trace=20512333797", []),
    ("a piece of a name", "pod-20512333797-x7k2p /v1/20512333797/items", []),
    ("longer by a digit", "xq7=205123337977 RUC=x", []),
    ("a prefix that is none", "xq7=30512333797", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PE_RUC, text) == values
