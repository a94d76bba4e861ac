"""GSTIN by its check sign. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.in_gstin import IN_GSTIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "GSTIN 27AAPFU0939F1ZV rejected", ["27AAPFU0939F1ZV"]),
    ("in a sentence of the country", "जीएसटीआईएन 27AAPFU0939F1ZV रद्द", ["27AAPFU0939F1ZV"]),
    ("under a key that says nothing", "xq7=27AAPFU0939F1ZV", ["27AAPFU0939F1ZV"]),
    ("with nothing around it", "got 27AAPFU0939F1ZV today", ["27AAPFU0939F1ZV"]),
    ("under its own key", "gstin=27AAPFU0939F1ZV", ["27AAPFU0939F1ZV"]),
    ("mistyped under its own key", "gstin=27AAPFU0939F1ZO", ["27AAPFU0939F1ZO"]),
    ("under a key that others share", "tax_id=27AAPFU0939F1ZV", ["27AAPFU0939F1ZV"]),
    ("mistyped under a key that others share", "tax_id=27AAPFU0939F1ZO", []),
    ("in JSON", '{"gstin":"27AAPFU0939F1ZV","ok":true}', ["27AAPFU0939F1ZV"]),
    ("in small letters under its key", "gstin=27aapfu0939f1zv", ["27aapfu0939f1zv"]),
    ("inside a longer word", "build 27AAPFU0939F1ZV9", []),
    ("a wrong one beside its word", "GSTIN 27AAPFU0939F1ZO rejected", []),
    ("an order", "order_id=27AAPFU0939F1ZV", []),
    ("a block", "blk_27AAPFU0939F1ZV replicated", []),
    ("in a path", "GET /api/v1/orders/27AAPFU0939F1ZV/items", []),
    ("part of something longer", "GSTIN 27AAPFU0939F1ZVZZ7ZZ", []),
    ("in a trace id", "trace=9f86d08127aapfu0939f1zv884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IN_GSTIN, text) == values
