"""Peruvian DNI by its word and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pe_dni import PE_DNI

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "dni=15118264", ["15118264"]),
    ("in JSON, quoted", '{"dni":"15118264","status":"ok"}', ["15118264"]),
    ("in JSON, as a number", '{"dni": 15118264, "status": "ok"}', ["15118264"]),
    ("at the end of a longer key", "customer.dni: 15118264", ["15118264"]),
    ("behind its word", "DNI 15118264", ["15118264"]),
    ("in a sentence", "cliente con DNI N° 15118264 bloqueado", ["15118264"]),
    ("under a key that says nothing", "xq7=15118264", []),
    ("with nothing around it", "got 15118264 from partner", []),
    ("with its check digit under a shared key", "documento=10117410-2", ["10117410-2"]),
    ("with a wrong check digit under a shared key", "documento=10117410-3", []),
    ("with its check letter", "dni=10117410-G", ["10117410-G"]),
    ("an order", "order_id=15118264", []),
    ("a size", "read 15118264 bytes", []),
    ("a trace", "trace=15118264", []),
    ("a piece of a name", "pod-15118264-x7k2p /v1/15118264/items", []),
    ("longer by a digit", "xq7=151182647 DNI=x", []),
    ("a date", "day=20261123 got 20261123", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PE_DNI, text) == values
