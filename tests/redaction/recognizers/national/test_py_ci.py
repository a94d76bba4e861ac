"""Paraguayan CI by its word and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.py_ci import PY_CI

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "nro_ci=4700185", ["4700185"]),
    ("in JSON, quoted", '{"nro_ci":"4700185","status":"ok"}', ["4700185"]),
    ("in JSON, as a number", '{"nro_ci": 4700185, "status": "ok"}', ["4700185"]),
    ("at the end of a longer key", "customer.nro_ci: 4700185", ["4700185"]),
    ("behind its word", "cédula 4700185", ["4700185"]),
    ("in a sentence", "titular con cédula de identidad N° 4700185", ["4700185"]),
    ("in thousands behind its word", "cédula 4.700.185", ["4.700.185"]),
    ("in thousands, without a word", "x 4.700.185 y", []),
    ("under a key that says nothing", "xq7=4700185", []),
    ("with nothing around it", "got 4700185 from partner", []),
    ("an order", "order_id=4700185", []),
    ("a size", "read 4700185 bytes", []),
    ("a trace", "trace=4700185", []),
    ("a piece of a name", "pod-4700185-x7k2p /v1/4700185/items", []),
    ("longer by a digit", "xq7=47001857 cédula=x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PY_CI, text) == values
