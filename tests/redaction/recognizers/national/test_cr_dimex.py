"""DIMEX by its word and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.cr_dimex import CR_DIMEX

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "dimex=120824021314", ["120824021314"]),
    ("in JSON, quoted", '{"dimex":"120824021314","status":"ok"}', ["120824021314"]),
    ("in JSON, as a number", '{"dimex": 120824021314, "status": "ok"}', ["120824021314"]),
    ("at the end of a longer key", "customer.dimex: 120824021314", ["120824021314"]),
    ("under documento, which others share", "documento=120824021314", ["120824021314"]),
    ("behind its word", "DIMEX 120824021314", ["120824021314"]),
    ("in a sentence", "residente con DIMEX N° 120824021314", ["120824021314"]),
    ("under a key that says nothing", "xq7=120824021314", []),
    ("with nothing around it", "got 120824021314 from partner", []),
    ("an order", "order_id=120824021314", []),
    ("a size", "read 120824021314 bytes", []),
    ("a trace", "trace=120824021314", []),
    ("a piece of a name", "pod-120824021314-x7k2p /v1/120824021314/items", []),
    ("longer by a digit", "xq7=1208240213147 DIMEX=x", []),
    ("a date with a time", "documento_ts=202611231947", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CR_DIMEX, text) == values
