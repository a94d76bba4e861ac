"""Honduran identity cards by municipality and year, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.hn_identity import HN_IDENTITY

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "identidad=0801200486144", ["0801200486144"]),
    ("in JSON, quoted", '{"identidad":"0801200486144","status":"ok"}', ["0801200486144"]),
    ("in JSON, as a number", '{"identidad": 801200486144, "status": "ok"}', ["801200486144"]),
    ("at the end of a longer key", "customer.identidad: 0801200486144", ["0801200486144"]),
    ("mistyped under its key", "identidad=0899200486144", ["0899200486144"]),
    ("under documento, which others share", "documento=0801200486144", ["0801200486144"]),
    ("under documento, not valid", "documento=0899200486144", []),
    ("behind its word", "identidad 0801200486144", ["0801200486144"]),
    ("in a sentence", "cliente con tarjeta de identidad 0801200486144 no existe", ["0801200486144"]),
    ("as it is written", "x 0801-2004-86144 y", ["0801-2004-86144"]),
    ("under a key that says nothing", "xq7=0801200486144", ["0801200486144"]),
    ("with nothing around it", "got 0801200486144 from partner", ["0801200486144"]),
    ("another check digit", "xq7=0899200486144 got 0899200486144 from partner", []),
    ("an order", "order_id=0801200486144", []),
    ("a size", "read 0801200486144 bytes", []),
    ("a trace", "trace=0801200486144", []),
    ("a piece of a name", "pod-0801200486144-x7k2p /v1/0801200486144/items", []),
    ("longer by a digit", "xq7=08012004861447 identidad=x", []),
    ("milliseconds", "xq7=1764000000000 got 1764000000123 from", []),
    ("a year that is none", "xq7=0801300486144", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(HN_IDENTITY, text) == values
