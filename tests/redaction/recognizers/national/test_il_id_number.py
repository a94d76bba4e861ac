"""Israeli ids by Luhn and a word. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.il_id_number import IL_ID_NUMBER

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "teudat zehut 207512344 rejected", ["207512344"]),
    ("in a sentence of the country", "תעודת זהות 207512344 שגויה", ["207512344"]),
    ("under a key that says nothing", "xq7=207512344", ["207512344"]),
    ("under a key that holds a word", "zone_hint=207512344", []),
    ("with nothing around it", "got 207512344 today", []),
    ("under its own key", "teudat_zehut=207512344", ["207512344"]),
    ("mistyped under its own key", "teudat_zehut=207512345", ["207512345"]),
    ("under a key that others share", "id_number=207512344", ["207512344"]),
    ("mistyped under a key that others share", "id_number=207512345", []),
    ("in JSON", '{"teudatZehut":"207512344","ok":true}', ["207512344"]),
    ("as a number in JSON", '{"teudat_zehut": 207512344}', ["207512344"]),
    ("its name as key", "מספר_זהות=207512345", ["207512345"]),
    ("without its zero in JSON", '{"tz_number": 39337423}', ["39337423"]),
    ("a wrong one beside its word", "teudat zehut 207512345 rejected", []),
    ("an order", "order_id=207512344", []),
    ("a block", "blk_207512344 replicated", []),
    ("in a path", "GET /api/v1/orders/207512344/items", []),
    ("part of something longer", "teudat zehut 20751234477777", []),
    ("in a trace id", "trace=9f86d081207512344884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IL_ID_NUMBER, text) == values
