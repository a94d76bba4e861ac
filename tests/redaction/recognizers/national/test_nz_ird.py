"""IRD numbers by their check digit and a word. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.nz_ird import NZ_IRD

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "IRD 49091850 rejected", ["49091850"]),
    ("in a sentence of the country", "her IRD number 49091850 is wrong", ["49091850"]),
    ("under a key that says nothing", "xq7=49091850", ["49091850"]),
    ("under a key that holds a word", "zone_hint=49091850", []),
    ("with nothing around it", "got 49091850 today", []),
    ("under its own key", "ird_number=49091850", ["49091850"]),
    ("mistyped under its own key", "ird_number=49091851", ["49091851"]),
    ("under a key that others share", "tax_number=49091850", ["49091850"]),
    ("mistyped under a key that others share", "tax_number=49091851", []),
    ("in JSON", '{"irdNumber":"49091850","ok":true}', ["49091850"]),
    ("as a number in JSON", '{"ird_number": 49091850}', ["49091850"]),
    ("in groups", "IRD 49-091-850", ["49-091-850"]),
    ("a date", "tax_no=20251124", []),
    ("a wrong one beside its word", "IRD 49091851 rejected", []),
    ("an order", "order_id=49091850", []),
    ("a block", "blk_49091850 replicated", []),
    ("in a path", "GET /api/v1/orders/49091850/items", []),
    ("in a trace id", "trace=9f86d08149091850884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(NZ_IRD, text) == values
