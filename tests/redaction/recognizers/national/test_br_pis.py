"""PIS and NIS by their check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.br_pis import BR_PIS

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "pis=11617015320", ["11617015320"]),
    ("in JSON, quoted", '{"pis":"11617015320","status":"ok"}', ["11617015320"]),
    ("in JSON, as a number", '{"pis": 11617015320, "status": "ok"}', ["11617015320"]),
    ("at the end of a longer key", "customer.pis: 11617015320", ["11617015320"]),
    ("mistyped under its key", "pis=11617015321", ["11617015321"]),
    ("under documento, which others share", "documento=11617015320", ["11617015320"]),
    ("under documento, not valid", "documento=11617015321", []),
    ("behind its word", "PIS/PASEP 11617015320", ["11617015320"]),
    ("in a sentence", "trabalhador com NIS 11617015320 sem saldo", ["11617015320"]),
    ("as it is written", "x 116.17015.32-0 y", ["116.17015.32-0"]),
    ("under a key that says nothing", "xq7=11617015320", ["11617015320"]),
    ("with nothing around it", "got 11617015320 from partner", []),
    ("a published example", "x 712.82677.38-0 y", ["712.82677.38-0"]),
    ("another check digit", "xq7=11617015321 got 11617015321 from partner", []),
    ("an order", "order_id=11617015320", []),
    ("a size", "read 11617015320 bytes", []),
    ("a trace", "trace=11617015320", []),
    ("a piece of a name", "pod-11617015320-x7k2p /v1/11617015320/items", []),
    ("longer by a digit", "xq7=116170153207 PIS/PASEP=x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BR_PIS, text) == values
