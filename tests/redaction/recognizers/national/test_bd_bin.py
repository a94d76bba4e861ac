"""BIN of businesses beside its word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.bd_bin import BD_BIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "VAT BIN 0012345670101 rejected", ["0012345670101"]),
    ("in a sentence of the country", "ব্যবসার বিআইএন 0012345670101", ["0012345670101"]),
    ("under a key that says nothing", "xq7=0012345670101", []),
    ("with nothing around it", "got 0012345670101 today", []),
    ("under its own key", "vat_reg_no=0012345670101", ["0012345670101"]),
    ("in JSON", '{"vatRegNo":"0012345670101","ok":true}', ["0012345670101"]),
    ("as it is written, beside its word", "VAT BIN 001234567-0101", ["001234567-0101"]),
    ("the front of a card", "bin=411111", []),
    ("an order", "order_id=0012345670101", []),
    ("a block", "blk_0012345670101 replicated", []),
    ("in a path", "GET /api/v1/orders/0012345670101/items", []),
    ("part of something longer", "VAT BIN 001234567010177777", []),
    ("in a trace id", "trace=9f86d0810012345670101884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BD_BIN, text) == values
