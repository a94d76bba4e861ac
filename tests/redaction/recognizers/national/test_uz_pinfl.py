"""PINFL by sex, century and date. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.uz_pinfl import UZ_PINFL

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "PINFL 31503890123456 rejected", ["31503890123456"]),
    ("in a sentence of the country", "ПИНФЛ клиента 31503890123456 не найден", ["31503890123456"]),
    ("under a key that says nothing", "xq7=31503890123456", ["31503890123456"]),
    ("with nothing around it", "got 31503890123456 today", []),
    ("under its own key", "pinfl=31503890123456", ["31503890123456"]),
    ("mistyped under its own key", "pinfl=31513890123456", ["31513890123456"]),
    ("under a key that others share", "id_number=31503890123456", ["31503890123456"]),
    ("mistyped under a key that others share", "id_number=31513890123456", []),
    ("in JSON", '{"pinfl":"31503890123456","ok":true}', ["31503890123456"]),
    ("as a number in JSON", '{"pinfl": 31503890123456}', ["31503890123456"]),
    ("its name as key", "пинфл=31503890123456", ["31503890123456"]),
    ("a date and a time", "kbx=20251123101530", []),
    ("a wrong one beside its word", "PINFL 31513890123456 rejected", []),
    ("an order", "order_id=31503890123456", []),
    ("a block", "blk_31503890123456 replicated", []),
    ("in a path", "GET /api/v1/orders/31503890123456/items", []),
    ("part of something longer", "PINFL 3150389012345677777", []),
    ("in a trace id", "trace=9f86d08131503890123456884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(UZ_PINFL, text) == values
