"""Argentine DNI by its word and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ar_dni import AR_DNI

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "dni=30339518", ["30339518"]),
    ("in JSON, quoted", '{"dni":"30339518","status":"ok"}', ["30339518"]),
    ("in JSON, as a number", '{"dni": 30339518, "status": "ok"}', ["30339518"]),
    ("at the end of a longer key", "customer.dni: 30339518", ["30339518"]),
    ("under documento, which others share", "documento=30339518", ["30339518"]),
    ("under nro_doc, which others share", "nro_doc=30339518", ["30339518"]),
    ("behind its word", "DNI 30339518", ["30339518"]),
    ("in a sentence", "el cliente con documento nacional de identidad 30339518 no figura", ["30339518"]),
    ("in thousands behind its word", "DNI N° 30.339.518", ["30.339.518"]),
    ("in thousands, without a word", "x 30.339.518 y", []),
    ("seven digits", "dni 6.123.456", ["6.123.456"]),
    ("under a key that says nothing", "xq7=30339518", []),
    ("with nothing around it", "got 30339518 from partner", []),
    ("an order", "order_id=30339518", []),
    ("a size", "read 30339518 bytes", []),
    ("a trace", "trace=30339518", []),
    ("a piece of a name", "pod-30339518-x7k2p /v1/30339518/items", []),
    ("longer by a digit", "xq7=303395187 DNI=x", []),
    ("a document in a store", "document=30339518 document_id=30339518", []),
    ("a date", "day=20261123 got 20261123", []),
    ("a piece of an address", "dni service at 10.30.339.518", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AR_DNI, text) == values
