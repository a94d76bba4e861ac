"""Nicaraguan cédula by its date, check letter, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ni_cedula import NI_CEDULA

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cedula_nicaraguense=0011704650087W", ["0011704650087W"]),
    ("in JSON, quoted", '{"cedula_nicaraguense":"0011704650087W","status":"ok"}', ["0011704650087W"]),
    ("at the end of a longer key", "customer.cedula_nicaraguense: 0011704650087W", ["0011704650087W"]),
    ("in small letters under its key", "cedula_nicaraguense=0011704650087w", ["0011704650087w"]),
    ("mistyped under its key", "cedula_nicaraguense=0011704650087X", ["0011704650087X"]),
    ("under cedula, which others share", "cedula=0011704650087W", ["0011704650087W"]),
    ("under documento, which others share", "documento=0011704650087W", ["0011704650087W"]),
    ("under cedula, not valid", "cedula=0011704650087X", []),
    ("behind its word", "cédula 0011704650087W", ["0011704650087W"]),
    ("in a sentence", "cliente con cédula 0011704650087W no existe", ["0011704650087W"]),
    ("as it is written", "x 001-170465-0087W y", ["001-170465-0087W"]),
    ("under a key that says nothing", "xq7=0011704650087W", ["0011704650087W"]),
    ("with nothing around it", "got 0011704650087W from partner", ["0011704650087W"]),
    ("another check digit", "xq7=0011704650087X got 0011704650087X from partner", []),
    ("an order", "order_id=0011704650087W", []),
    ("a size", "read 0011704650087W bytes", []),
    ("a trace", "trace=0011704650087W", []),
    ("a piece of a name", "pod-0011704650087W-x7k2p /v1/0011704650087W/items", []),
    ("no month", "got 0011713650087W from", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(NI_CEDULA, text) == values
