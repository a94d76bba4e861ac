"""e-TIN beside its word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.bd_tin import BD_TIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "e-TIN 123456789012 rejected", ["123456789012"]),
    ("in a sentence of the country", "করদাতার টিআইএন 123456789012", ["123456789012"]),
    ("under a key that says nothing", "xq7=123456789012", []),
    ("with nothing around it", "got 123456789012 today", []),
    ("under its own key", "etin=123456789012", ["123456789012"]),
    ("in JSON", '{"etin":"123456789012","ok":true}', ["123456789012"]),
    ("as a number in JSON", '{"etin": 123456789012}', ["123456789012"]),
    ("an order", "order_id=123456789012", []),
    ("a block", "blk_123456789012 replicated", []),
    ("in a path", "GET /api/v1/orders/123456789012/items", []),
    ("part of something longer", "e-TIN 12345678901277777", []),
    ("in a trace id", "trace=9f86d081123456789012884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BD_TIN, text) == values
