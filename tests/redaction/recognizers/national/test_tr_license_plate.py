"""Plates under their keys and words. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.tr_license_plate import TR_LICENSE_PLATE

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "plaka 34ABC123 rejected", ["34ABC123"]),
    ("in a sentence of the country", "araç plakası 34ABC123 bulundu", ["34ABC123"]),
    ("under a key that says nothing", "xq7=34ABC123", []),
    ("with nothing around it", "got 34ABC123 today", []),
    ("under its own key", "plaka=34ABC123", ["34ABC123"]),
    ("mistyped under its own key", "plaka=82ABC123", ["82ABC123"]),
    ("under a key that others share", "license_plate=34ABC123", ["34ABC123"]),
    ("mistyped under a key that others share", "license_plate=82ABC123", []),
    ("in JSON", '{"plaka":"34ABC123","ok":true}', ["34ABC123"]),
    ("in small letters under its key", "plaka=34abc123", ["34abc123"]),
    ("in groups", "plaka=34 ABC 123", ["34 ABC 123"]),
    ("a province that is none", "license_plate=82ABC123", []),
    ("a part", "bolt 34 ABC 123", []),
    ("a wrong one beside its word", "plaka 82ABC123 rejected", []),
    ("an order", "order_id=34ABC123", []),
    ("a block", "blk_34ABC123 replicated", []),
    ("in a path", "GET /api/v1/orders/34ABC123/items", []),
    ("part of something longer", "plaka 34ABC123ZZ7ZZ", []),
    ("in a trace id", "trace=9f86d08134abc123884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(TR_LICENSE_PLATE, text) == values
