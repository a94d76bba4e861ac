"""RUT of Uruguay by its office, check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.uy_rut import UY_RUT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "rut=164490370015", ["164490370015"]),
    ("in JSON, quoted", '{"rut":"164490370015","status":"ok"}', ["164490370015"]),
    ("in JSON, as a number", '{"rut": 164490370015, "status": "ok"}', ["164490370015"]),
    ("at the end of a longer key", "customer.rut: 164490370015", ["164490370015"]),
    ("mistyped under its key", "rut=164490370016", ["164490370016"]),
    ("under ruc, which others share", "ruc=164490370015", ["164490370015"]),
    ("under tax_id, which others share", "tax_id=164490370015", ["164490370015"]),
    ("under ruc, not valid", "ruc=164490370016", []),
    ("behind its word", "RUT 164490370015", ["164490370015"]),
    ("in a sentence", "empresa con RUT 164490370015 en DGI", ["164490370015"]),
    ("as it is written", "x 16-449037-001-5 y", ["16-449037-001-5"]),
    ("under a key that says nothing", "xq7=164490370015", ["164490370015"]),
    ("with nothing around it", "got 164490370015 from partner", ["164490370015"]),
    ("another check digit", "xq7=164490370016 got 164490370016 from partner", []),
    ("an order", "order_id=164490370015", []),
    ("a size", "read 164490370015 bytes", []),
    ("a trace", "trace=164490370015", []),
    ("a piece of a name", "pod-164490370015-x7k2p /v1/164490370015/items", []),
    ("longer by a digit", "xq7=1644903700157 RUT=x", []),
    ("no office", "xq7=994490370015", []),
    ("a date with a time", "xq7=202611231947", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(UY_RUT, text) == values
