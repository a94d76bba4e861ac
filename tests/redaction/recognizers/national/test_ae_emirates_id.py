"""Emirates ids by country and year. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ae_emirates_id import AE_EMIRATES_ID

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "Emirates ID 784199012345678 rejected", ["784199012345678"]),
    ("in a sentence of the country", "رقم الهوية 784199012345678 غير صحيح", ["784199012345678"]),
    ("under a key that says nothing", "xq7=784199012345678", ["784199012345678"]),
    ("with nothing around it", "got 784199012345678 today", ["784199012345678"]),
    ("as it is written", "got 784-1990-1234567-8 today", ["784-1990-1234567-8"]),
    ("under its own key", "emirates_id=784199012345678", ["784199012345678"]),
    ("mistyped under its own key", "emirates_id=784299012345678", ["784299012345678"]),
    ("under a key that others share", "id_number=784199012345678", ["784199012345678"]),
    ("mistyped under a key that others share", "id_number=784299012345678", []),
    ("in JSON", '{"emiratesId":"784199012345678","ok":true}', ["784199012345678"]),
    ("as a number in JSON", '{"emirates_id": 784199012345678}', ["784199012345678"]),
    ("another country in the form", "got 785-1990-1234567-8", []),
    ("a wrong one beside its word", "Emirates ID 784299012345678 rejected", []),
    ("an order", "order_id=784199012345678", []),
    ("a block", "blk_784199012345678 replicated", []),
    ("in a path", "GET /api/v1/orders/784199012345678/items", []),
    ("part of something longer", "Emirates ID 78419901234567877777", []),
    ("in a trace id", "trace=9f86d081784199012345678884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AE_EMIRATES_ID, text) == values
