"""UEN by their check letter. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.sg_uen import SG_UEN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "UEN 197401143C rejected", ["197401143C"]),
    ("in a sentence of the country", "company with UEN 197401143C struck off", ["197401143C"]),
    ("under a key that says nothing", "xq7=197401143C", ["197401143C"]),
    ("with nothing around it", "got 197401143C today", []),
    ("under its own key", "uen=197401143C", ["197401143C"]),
    ("mistyped under its own key", "uen=197401143D", ["197401143D"]),
    ("under a key that others share", "registration_number=197401143C", ["197401143C"]),
    ("mistyped under a key that others share", "registration_number=197401143D", []),
    ("in JSON", '{"uen":"197401143C","ok":true}', ["197401143C"]),
    ("in small letters under its key", "uen=197401143c", ["197401143c"]),
    ("a business", "uen=00192200M", ["00192200M"]),
    ("another body", "UEN T01FC6132D", ["T01FC6132D"]),
    ("without a word or a key", "got 197401143C", []),
    ("a wrong one beside its word", "UEN 197401143D rejected", []),
    ("an order", "order_id=197401143C", []),
    ("a block", "blk_197401143C replicated", []),
    ("in a path", "GET /api/v1/orders/197401143C/items", []),
    ("part of something longer", "UEN 197401143CZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081197401143c884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(SG_UEN, text) == values
