"""CCCD by province and century. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.vn_cccd import VN_CCCD

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "CCCD 079190001234 rejected", ["079190001234"]),
    ("in a sentence of the country", "số căn cước 079190001234 không hợp lệ", ["079190001234"]),
    ("under a key that says nothing", "xq7=079190001234", ["079190001234"]),
    ("with nothing around it", "got 079190001234 today", []),
    ("under its own key", "cccd=079190001234", ["079190001234"]),
    ("mistyped under its own key", "cccd=099190001234", ["099190001234"]),
    ("under a key that others share", "id_number=079190001234", ["079190001234"]),
    ("mistyped under a key that others share", "id_number=099190001234", []),
    ("in JSON", '{"cccd":"079190001234","ok":true}', ["079190001234"]),
    ("without its zero in JSON", '{"so_cccd": 79190001234}', ["79190001234"]),
    ("a key with its accents", "căn_cước=079190001234", ["079190001234"]),
    ("no such century", "xq7=079990001234", []),
    ("a counter", "seq 000000012345", []),
    ("a wrong one beside its word", "CCCD 099190001234 rejected", []),
    ("an order", "order_id=079190001234", []),
    ("a block", "blk_079190001234 replicated", []),
    ("in a path", "GET /api/v1/orders/079190001234/items", []),
    ("part of something longer", "CCCD 07919000123477777", []),
    ("in a trace id", "trace=9f86d081079190001234884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(VN_CCCD, text) == values
