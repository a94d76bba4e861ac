"""Corporate numbers by their check digit and words. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.jp_corporate_number import JP_CORPORATE_NUMBER

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "corporate number 8700110005901 rejected", ["8700110005901"]),
    ("in a sentence of the country", "法人番号 8700110005901 を確認", ["8700110005901"]),
    ("under a key that says nothing", "xq7=8700110005901", ["8700110005901"]),
    ("under a key that holds a word", "zone_hint=8700110005901", []),
    ("with nothing around it", "got 8700110005901 today", []),
    ("as it is written", "got 8-7001-1000-5901 today", ["8-7001-1000-5901"]),
    ("under its own key", "corporate_number=8700110005901", ["8700110005901"]),
    ("mistyped under its own key", "corporate_number=8700110005902", ["8700110005902"]),
    ("under a key that others share", "tax_id=8700110005901", ["8700110005901"]),
    ("mistyped under a key that others share", "tax_id=8700110005902", []),
    ("in JSON", '{"corporateNumber":"8700110005901","ok":true}', ["8700110005901"]),
    ("as a number in JSON", '{"corporate_number": 8700110005901}', ["8700110005901"]),
    ("a wrong one beside its word", "corporate number 8700110005902 rejected", []),
    ("an order", "order_id=8700110005901", []),
    ("a block", "blk_8700110005901 replicated", []),
    ("in a path", "GET /api/v1/orders/8700110005901/items", []),
    ("part of something longer", "corporate number 870011000590177777", []),
    ("in a trace id", "trace=9f86d0818700110005901884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(JP_CORPORATE_NUMBER, text) == values
