"""Tax codes by their check digit. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.vn_mst import VN_MST

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "MST 0100233456 rejected", ["0100233456"]),
    ("in a sentence of the country", "mã số thuế 0100233456 bị khóa", ["0100233456"]),
    ("under a key that says nothing", "xq7=0100233456", ["0100233456"]),
    ("with nothing around it", "got 0100233456 today", []),
    ("as it is written", "got 0100233456-001 today", ["0100233456-001"]),
    ("under its own key", "ma_so_thue=0100233456", ["0100233456"]),
    ("mistyped under its own key", "ma_so_thue=0100233457", ["0100233457"]),
    ("under a key that others share", "tax_id=0100233456", ["0100233456"]),
    ("mistyped under a key that others share", "tax_id=0100233457", []),
    ("in JSON", '{"maSoThue":"0100233456","ok":true}', ["0100233456"]),
    ("without its zero in JSON", '{"mst": 100233456}', ["100233456"]),
    ("another mst", "mst=Mountain", []),
    ("seconds since 1970", "kbx=1764000007", []),
    ("a wrong one beside its word", "MST 0100233457 rejected", []),
    ("an order", "order_id=0100233456", []),
    ("a block", "blk_0100233456 replicated", []),
    ("in a path", "GET /api/v1/orders/0100233456/items", []),
    ("part of something longer", "MST 010023345677777", []),
    ("in a trace id", "trace=9f86d0810100233456884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(VN_MST, text) == values
