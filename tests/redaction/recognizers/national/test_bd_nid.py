"""NID beside its word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.bd_nid import BD_NID

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "NID 1234567890 rejected", ["1234567890"]),
    ("in a sentence of the country", "গ্রাহকের এনআইডি 1234567890 ভুল", ["1234567890"]),
    ("under a key that says nothing", "xq7=1234567890", []),
    ("with nothing around it", "got 1234567890 today", []),
    ("under its own key", "nid=1234567890", ["1234567890"]),
    ("in JSON", '{"nid":"1234567890","ok":true}', ["1234567890"]),
    ("as a number in JSON", '{"nid": 1234567890}', ["1234567890"]),
    ("thirteen digits", "nid_no=1234567890123", ["1234567890123"]),
    ("seventeen digits", "NID 19851234567890123 found", ["19851234567890123"]),
    ("in groups", "NID 123 456 7890", ["123 456 7890"]),
    ("an order", "order_id=1234567890", []),
    ("a block", "blk_1234567890 replicated", []),
    ("in a path", "GET /api/v1/orders/1234567890/items", []),
    ("part of something longer", "NID 123456789077777", []),
    ("in a trace id", "trace=9f86d0811234567890884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BD_NID, text) == values
