"""Colombian cédula by its word and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.co_cedula import CO_CEDULA

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cedula=1042008349", ["1042008349"]),
    ("in JSON, quoted", '{"cedula":"1042008349","status":"ok"}', ["1042008349"]),
    ("in JSON, as a number", '{"cedula": 1042008349, "status": "ok"}', ["1042008349"]),
    ("at the end of a longer key", "customer.cedula: 1042008349", ["1042008349"]),
    ("under documento, which others share", "documento=1042008349", ["1042008349"]),
    ("under cc, which others share", "cc=1042008349", ["1042008349"]),
    ("behind its word", "C.C. 1042008349", ["1042008349"]),
    ("in a sentence", "el titular con cédula de ciudadanía 1042008349 no existe", ["1042008349"]),
    ("in thousands behind its word", "cédula 1.042.008.349", ["1.042.008.349"]),
    ("in thousands, without a word", "x 1.042.008.349 y", []),
    ("eight digits", "cédula 79456123", ["79456123"]),
    ("under a key that says nothing", "xq7=1042008349", []),
    ("with nothing around it", "got 1042008349 from partner", []),
    ("an order", "order_id=1042008349", []),
    ("a size", "read 1042008349 bytes", []),
    ("a trace", "trace=1042008349", []),
    ("a piece of a name", "pod-1042008349-x7k2p /v1/1042008349/items", []),
    ("longer by a digit", "xq7=10420083497 C.C.=x", []),
    ("copies of a letter", "cc: ops@payments.example 12345678", []),
    ("a compiler", "gcc 20231107", []),
    ("an epoch under a key that others share", "documento=1764000000", []),
    ("a piece of an address", "cedula service at 10.42.108.349.", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CO_CEDULA, text) == values
