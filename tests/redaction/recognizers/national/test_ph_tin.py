"""TIN beside its word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ph_tin import PH_TIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "TIN 123456789000 rejected", ["123456789000"]),
    ("in a sentence of the country", "BIR TIN ni customer 123456789000", ["123456789000"]),
    ("under a key that says nothing", "xq7=123456789000", []),
    ("with nothing around it", "got 123456789000 today", []),
    ("under its own key", "tin_number=123456789000", ["123456789000"]),
    ("in JSON", '{"tinNumber":"123456789000","ok":true}', ["123456789000"]),
    ("as a number in JSON", '{"tin_number": 123456789000}', ["123456789000"]),
    ("nine digits", "tin=123456789", ["123456789"]),
    ("as it is written, beside its word", "TIN 123-456-789-000 is used", ["123-456-789-000"]),
    ("with five digits for the branch", "tin_no=123-456-789-00001", ["123-456-789-00001"]),
    ("the form alone", "codes 123-456-789-000", []),
    ("an order", "order_id=123456789000", []),
    ("a block", "blk_123456789000 replicated", []),
    ("in a path", "GET /api/v1/orders/123456789000/items", []),
    ("part of something longer", "TIN 12345678900077777", []),
    ("in a trace id", "trace=9f86d081123456789000884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PH_TIN, text) == values
