"""Malaysian passports by form, beside a word or a key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.my_passport import MY_PASSPORT

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "passport A12345678 rejected", ["A12345678"]),
    ("in a sentence of the country", "nombor pasport A12345678", ["A12345678"]),
    ("under a key that says nothing", "xq7=A12345678", []),
    ("with nothing around it", "got A12345678 today", []),
    ("under its own key", "no_pasport=A12345678", ["A12345678"]),
    ("mistyped under its own key", "no_pasport=B12345678", ["B12345678"]),
    ("under a key that others share", "passport_number=A12345678", ["A12345678"]),
    ("mistyped under a key that others share", "passport_number=B12345678", []),
    ("in JSON", '{"noPasport":"A12345678","ok":true}', ["A12345678"]),
    ("in small letters under its key", "no_pasport=a12345678", ["a12345678"]),
    ("a wrong one beside its word", "passport B12345678 rejected", []),
    ("an order", "order_id=A12345678", []),
    ("a block", "blk_A12345678 replicated", []),
    ("in a path", "GET /api/v1/orders/A12345678/items", []),
    ("part of something longer", "passport A12345678ZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081a12345678884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MY_PASSPORT, text) == values
