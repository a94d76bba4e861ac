"""BPJS numbers beside their word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.id_bpjs import ID_BPJS

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "BPJS 0001234567890 rejected", ["0001234567890"]),
    ("in a sentence of the country", "peserta BPJS kesehatan 0001234567890 aktif", ["0001234567890"]),
    ("under a key that says nothing", "xq7=0001234567890", []),
    ("with nothing around it", "got 0001234567890 today", []),
    ("under its own key", "no_bpjs=0001234567890", ["0001234567890"]),
    ("in JSON", '{"noBpjs":"0001234567890","ok":true}', ["0001234567890"]),
    ("employment, eleven digits", "kpj=12345678901", ["12345678901"]),
    ("an order", "order_id=0001234567890", []),
    ("a block", "blk_0001234567890 replicated", []),
    ("in a path", "GET /api/v1/orders/0001234567890/items", []),
    ("part of something longer", "BPJS 000123456789077777", []),
    ("in a trace id", "trace=9f86d0810001234567890884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ID_BPJS, text) == values
