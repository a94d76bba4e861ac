"""ABN by its two check digits. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.au_abn import AU_ABN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "ABN 83914571673 rejected", ["83914571673"]),
    ("in a sentence of the country", "supplier with ABN 83914571673 is closed", ["83914571673"]),
    ("under a key that says nothing", "xq7=83914571673", ["83914571673"]),
    ("with nothing around it", "got 83914571673 today", []),
    ("as it is written", "got 83 914 571 673 today", ["83 914 571 673"]),
    ("under its own key", "abn=83914571673", ["83914571673"]),
    ("mistyped under its own key", "abn=83914571674", ["83914571674"]),
    ("under a key that others share", "business_number=83914571673", ["83914571673"]),
    ("mistyped under a key that others share", "business_number=83914571674", []),
    ("in JSON", '{"abn":"83914571673","ok":true}', ["83914571673"]),
    ("as a number in JSON", '{"abn": 83914571673}', ["83914571673"]),
    ("a wrong one beside its word", "ABN 83914571674 rejected", []),
    ("an order", "order_id=83914571673", []),
    ("a block", "blk_83914571673 replicated", []),
    ("in a path", "GET /api/v1/orders/83914571673/items", []),
    ("part of something longer", "ABN 8391457167377777", []),
    ("in a trace id", "trace=9f86d08183914571673884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AU_ABN, text) == values
