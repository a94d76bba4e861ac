"""TFN by its weights and a word. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.au_tfn import AU_TFN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "TFN 123456782 rejected", ["123456782"]),
    ("in a sentence of the country", "the TFN of the payer is 123456782", ["123456782"]),
    ("under a key that says nothing", "xq7=123456782", ["123456782"]),
    ("under a key that holds a word", "zone_hint=123456782", []),
    ("with nothing around it", "got 123456782 today", []),
    ("under its own key", "tfn=123456782", ["123456782"]),
    ("mistyped under its own key", "tfn=123456783", ["123456783"]),
    ("under a key that others share", "tax_number=123456782", ["123456782"]),
    ("mistyped under a key that others share", "tax_number=123456783", []),
    ("in JSON", '{"tfn":"123456782","ok":true}', ["123456782"]),
    ("as a number in JSON", '{"tfn": 123456782}', ["123456782"]),
    ("in groups", "TFN 123 456 782", ["123 456 782"]),
    ("groups alone", "took 123 456 782", []),
    ("a wrong one beside its word", "TFN 123456783 rejected", []),
    ("an order", "order_id=123456782", []),
    ("a block", "blk_123456782 replicated", []),
    ("in a path", "GET /api/v1/orders/123456782/items", []),
    ("part of something longer", "TFN 12345678277777", []),
    ("in a trace id", "trace=9f86d081123456782884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AU_TFN, text) == values
