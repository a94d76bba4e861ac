"""Phone numbers of SINPE Móvil by word and key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.cr_sinpe import CR_SINPE

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "sinpe_movil=84319178", ["84319178"]),
    ("in JSON, quoted", '{"sinpe_movil":"84319178","status":"ok"}', ["84319178"]),
    ("in JSON, as a number", '{"sinpe_movil": 84319178, "status": "ok"}', ["84319178"]),
    ("at the end of a longer key", "customer.sinpe_movil: 84319178", ["84319178"]),
    ("behind its word", "SINPE Móvil al 84319178", ["84319178"]),
    ("in a sentence", "enviar SINPE al número 84319178 por favor", ["84319178"]),
    ("in groups", "sinpe: 8431-9178", ["8431-9178"]),
    ("under a key that says nothing", "xq7=84319178", []),
    ("with nothing around it", "got 84319178 from partner", []),
    ("an order", "order_id=84319178", []),
    ("a size", "read 84319178 bytes", []),
    ("a trace", "trace=84319178", []),
    ("a piece of a name", "pod-84319178-x7k2p /v1/84319178/items", []),
    ("longer by a digit", "xq7=843191787 SINPE Móvil al=x", []),
    ("a landline", "paga por sinpe 22319178", []),
    ("an hour", "sinpe timeout 84319178", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CR_SINPE, text) == values
