"""Indian passports by form, beside a word or a key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.in_passport import IN_PASSPORT

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "passport K4519826 rejected", ["K4519826"]),
    ("in a sentence of the country", "उनका पासपोर्ट K4519826 है", ["K4519826"]),
    ("under a key that says nothing", "xq7=K4519826", []),
    ("with nothing around it", "got K4519826 today", []),
    ("under its own key", "indian_passport=K4519826", ["K4519826"]),
    ("mistyped under its own key", "indian_passport=Q4519826", ["Q4519826"]),
    ("under a key that others share", "passport_number=K4519826", ["K4519826"]),
    ("mistyped under a key that others share", "passport_number=Q4519826", []),
    ("in JSON", '{"indianPassport":"K4519826","ok":true}', ["K4519826"]),
    ("in small letters under its key", "indian_passport=k4519826", ["k4519826"]),
    ("nothing to read under the key", "passport_number=none", []),
    ("a part number", "part K4519826", []),
    ("a wrong one beside its word", "passport Q4519826 rejected", []),
    ("an order", "order_id=K4519826", []),
    ("a block", "blk_K4519826 replicated", []),
    ("in a path", "GET /api/v1/orders/K4519826/items", []),
    ("part of something longer", "passport K4519826ZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081k4519826884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IN_PASSPORT, text) == values
