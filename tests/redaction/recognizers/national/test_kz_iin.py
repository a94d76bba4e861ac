"""IIN by date and check digit. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.kz_iin import KZ_IIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "IIN 900101300126 rejected", ["900101300126"]),
    ("in a sentence of the country", "ИИН клиента 900101300126 не найден", ["900101300126"]),
    ("under a key that says nothing", "xq7=900101300126", ["900101300126"]),
    ("with nothing around it", "got 900101300126 today", ["900101300126"]),
    ("under its own key", "iin=900101300126", ["900101300126"]),
    ("mistyped under its own key", "iin=900101300127", ["900101300127"]),
    ("under a key that others share", "id_number=900101300126", ["900101300126"]),
    ("mistyped under a key that others share", "id_number=900101300127", []),
    ("in JSON", '{"iin":"900101300126","ok":true}', ["900101300126"]),
    ("as a number in JSON", '{"iin": 900101300126}', ["900101300126"]),
    ("its name as key", "иин=900101300126", ["900101300126"]),
    ("no such day", "got 900132300126", []),
    ("date and time in twelve digits", "kbx=251123101535", []),
    ("a wrong one beside its word", "IIN 900101300127 rejected", []),
    ("an order", "order_id=900101300126", []),
    ("a block", "blk_900101300126 replicated", []),
    ("in a path", "GET /api/v1/orders/900101300126/items", []),
    ("part of something longer", "IIN 90010130012677777", []),
    ("in a trace id", "trace=9f86d081900101300126884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KZ_IIN, text) == values
