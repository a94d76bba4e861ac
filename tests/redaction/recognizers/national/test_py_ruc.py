"""RUC of Paraguay by its check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.py_ruc import PY_RUC

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "ruc=80356145-8", ["80356145-8"]),
    ("in JSON, quoted", '{"ruc":"80356145-8","status":"ok"}', ["80356145-8"]),
    ("at the end of a longer key", "customer.ruc: 80356145-8", ["80356145-8"]),
    ("mistyped under its key", "ruc=80356145-9", ["80356145-9"]),
    ("under tax_id, which others share", "tax_id=80356145-8", ["80356145-8"]),
    ("under documento, which others share", "documento=80356145-8", ["80356145-8"]),
    ("under tax_id, not valid", "tax_id=80356145-9", []),
    ("behind its word", "RUC 80356145-8", ["80356145-8"]),
    ("in a sentence", "el emisor con RUC 80356145-8 no existe", ["80356145-8"]),
    ("under a key that says nothing", "xq7=80356145-8", ["80356145-8"]),
    ("with nothing around it", "got 80356145-8 from partner", ["80356145-8"]),
    ("a person's behind its word", "RUC 4700185-2", ["4700185-2"]),
    ("a person's alone", "got 4700185-2 from", []),
    ("another check digit", "xq7=80356145-9 got 80356145-9 from partner", []),
    ("an order", "order_id=80356145-8", []),
    ("a size", "read 80356145-8 bytes", []),
    ("a trace", "trace=80356145-8", []),
    ("a piece of a name", "pod-80356145-8-x7k2p /v1/80356145-8/items", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PY_RUC, text) == values
