"""ACN by its check digit and a word. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.au_acn import AU_ACN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "ACN 004085616 rejected", ["004085616"]),
    ("in a sentence of the country", "company with ACN 004085616 is closed", ["004085616"]),
    ("under a key that says nothing", "xq7=004085616", ["004085616"]),
    ("under a key that holds a word", "zone_hint=004085616", []),
    ("with nothing around it", "got 004085616 today", []),
    ("under its own key", "acn=004085616", ["004085616"]),
    ("mistyped under its own key", "acn=004085617", ["004085617"]),
    ("under a key that others share", "company_number=004085616", ["004085616"]),
    ("mistyped under a key that others share", "company_number=004085617", []),
    ("in JSON", '{"acn":"004085616","ok":true}', ["004085616"]),
    ("in groups", "ACN 004 085 616", ["004 085 616"]),
    ("a wrong one beside its word", "ACN 004085617 rejected", []),
    ("an order", "order_id=004085616", []),
    ("a block", "blk_004085616 replicated", []),
    ("in a path", "GET /api/v1/orders/004085616/items", []),
    ("part of something longer", "ACN 00408561677777", []),
    ("in a trace id", "trace=9f86d081004085616884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AU_ACN, text) == values
