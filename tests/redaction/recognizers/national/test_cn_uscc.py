"""Social credit codes by their check sign. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.cn_uscc import CN_USCC

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "USCC 91110108MA01234X56 rejected", ["91110108MA01234X56"]),
    ("in a sentence of the country", "统一社会信用代码 91110108MA01234X56 已注销", ["91110108MA01234X56"]),
    ("under a key that says nothing", "xq7=91110108MA01234X56", ["91110108MA01234X56"]),
    ("with nothing around it", "got 91110108MA01234X56 today", ["91110108MA01234X56"]),
    ("under its own key", "uscc=91110108MA01234X56", ["91110108MA01234X56"]),
    ("mistyped under its own key", "uscc=91110108MA01234X57", ["91110108MA01234X57"]),
    ("under a key that others share", "tax_id=91110108MA01234X56", ["91110108MA01234X56"]),
    ("mistyped under a key that others share", "tax_id=91110108MA01234X57", []),
    ("in JSON", '{"uscc":"91110108MA01234X56","ok":true}', ["91110108MA01234X56"]),
    ("in small letters under its key", "uscc=91110108ma01234x56", ["91110108ma01234x56"]),
    ("its name as key", '{"统一社会信用代码":"91110108MA01234X56"}', ["91110108MA01234X56"]),
    ("another kind of body", "got 95110108MA01234X56", []),
    ("a wrong one beside its word", "USCC 91110108MA01234X57 rejected", []),
    ("an order", "order_id=91110108MA01234X56", []),
    ("a block", "blk_91110108MA01234X56 replicated", []),
    ("in a path", "GET /api/v1/orders/91110108MA01234X56/items", []),
    ("part of something longer", "USCC 91110108MA01234X56ZZ7ZZ", []),
    ("in a trace id", "trace=9f86d08191110108ma01234x56884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CN_USCC, text) == values
