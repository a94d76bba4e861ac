"""Philippine passports by form, beside a word or a key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ph_passport import PH_PASSPORT

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "passport P1234567A rejected", ["P1234567A"]),
    ("in a sentence of the country", "passport niya ay P1234567A", ["P1234567A"]),
    ("under a key that says nothing", "xq7=P1234567A", []),
    ("with nothing around it", "got P1234567A today", []),
    ("under its own key", "ph_passport=P1234567A", ["P1234567A"]),
    ("mistyped under its own key", "ph_passport=P12345678", ["P12345678"]),
    ("under a key that others share", "passport_number=P1234567A", ["P1234567A"]),
    ("mistyped under a key that others share", "passport_number=P12345678", []),
    ("in JSON", '{"phPassport":"P1234567A","ok":true}', ["P1234567A"]),
    ("in small letters under its key", "ph_passport=p1234567a", ["p1234567a"]),
    ("the older form", "passport=EB1234567", ["EB1234567"]),
    ("a wrong one beside its word", "passport P12345678 rejected", []),
    ("an order", "order_id=P1234567A", []),
    ("a block", "blk_P1234567A replicated", []),
    ("in a path", "GET /api/v1/orders/P1234567A/items", []),
    ("part of something longer", "passport P1234567AZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081p1234567a884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PH_PASSPORT, text) == values
