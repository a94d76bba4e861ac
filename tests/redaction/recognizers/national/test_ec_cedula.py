"""Ecuadorian cédula by its province, check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ec_cedula import EC_CEDULA

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cedula_ecuatoriana=0957777030", ["0957777030"]),
    ("in JSON, quoted", '{"cedula_ecuatoriana":"0957777030","status":"ok"}', ["0957777030"]),
    ("in JSON, as a number", '{"cedula_ecuatoriana": 957777030, "status": "ok"}', ["957777030"]),
    ("at the end of a longer key", "customer.cedula_ecuatoriana: 0957777030", ["0957777030"]),
    ("mistyped under its key", "cedula_ecuatoriana=0957777031", ["0957777031"]),
    ("under cedula, which others share", "cedula=0957777030", ["0957777030"]),
    ("under ci, which others share", "ci=0957777030", ["0957777030"]),
    ("under documento, which others share", "documento=0957777030", ["0957777030"]),
    ("under cedula, not valid", "cedula=0957777031", []),
    ("behind its word", "cédula 0957777030", ["0957777030"]),
    ("in a sentence", "el cliente con C.I. 0957777030 no registra", ["0957777030"]),
    ("under a key that says nothing", "xq7=0957777030", ["0957777030"]),
    ("with nothing around it", "got 0957777030 from partner", ["0957777030"]),
    ("one that reads as an epoch, behind its word", "cédula 1712345675", ["1712345675"]),
    ("another check digit", "xq7=0957777031 got 0957777031 from partner", []),
    ("an order", "order_id=0957777030", []),
    ("a size", "read 0957777030 bytes", []),
    ("a trace", "trace=0957777030", []),
    ("a piece of a name", "pod-0957777030-x7k2p /v1/0957777030/items", []),
    ("longer by a digit", "xq7=09577770307 cédula=x", []),
    ("one that reads as an epoch, alone", "xq7=1712345675 got 1712345675 from", []),
    ("a province that is none", "xq7=2957777030", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(EC_CEDULA, text) == values
