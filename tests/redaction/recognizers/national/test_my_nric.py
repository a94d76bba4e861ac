"""NRIC by date and place of birth. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.my_nric import MY_NRIC

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "MyKad 770305021234 rejected", ["770305021234"]),
    ("in a sentence of the country", "no kad pengenalan 770305021234 tidak sah", ["770305021234"]),
    ("under a key that says nothing", "xq7=770305021234", ["770305021234"]),
    ("with nothing around it", "got 770305021234 today", []),
    ("as it is written", "got 770305-02-1234 today", ["770305-02-1234"]),
    ("under its own key", "mykad=770305021234", ["770305021234"]),
    ("mistyped under its own key", "mykad=771305021234", ["771305021234"]),
    ("under a key that others share", "id_number=770305021234", ["770305021234"]),
    ("mistyped under a key that others share", "id_number=771305021234", []),
    ("in JSON", '{"mykad":"770305021234","ok":true}', ["770305021234"]),
    ("as a number in JSON", '{"mykad": 770305021234}', ["770305021234"]),
    ("no such place", "got 770305-00-1234", []),
    ("date and time in twelve digits", "kbx=251123101535", []),
    ("a national id of another country", "nric=S1234567D", []),
    ("a wrong one beside its word", "MyKad 771305021234 rejected", []),
    ("an order", "order_id=770305021234", []),
    ("a block", "blk_770305021234 replicated", []),
    ("in a path", "GET /api/v1/orders/770305021234/items", []),
    ("part of something longer", "MyKad 77030502123477777", []),
    ("in a trace id", "trace=9f86d081770305021234884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MY_NRIC, text) == values
