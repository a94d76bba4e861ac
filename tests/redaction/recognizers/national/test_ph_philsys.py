"""PhilSys numbers beside their word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ph_philsys import PH_PHILSYS

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "PhilSys 1234567890123456 rejected", ["1234567890123456"]),
    ("in a sentence of the country", "PhilSys number niya 1234567890123456", ["1234567890123456"]),
    ("under a key that says nothing", "xq7=1234567890123456", []),
    ("with nothing around it", "got 1234567890123456 today", []),
    ("under its own key", "philsys_id=1234567890123456", ["1234567890123456"]),
    ("in JSON", '{"philsysId":"1234567890123456","ok":true}', ["1234567890123456"]),
    ("as a number in JSON", '{"philsys_id": 1234567890123456}', ["1234567890123456"]),
    ("as it is written, beside its word", "PhilSys 1234-5678-9012-3456", ["1234-5678-9012-3456"]),
    ("the number behind the card's", "psn=123456789012", ["123456789012"]),
    ("a card without a word", "got 4111-1111-1111-1111", []),
    ("an order", "order_id=1234567890123456", []),
    ("a block", "blk_1234567890123456 replicated", []),
    ("in a path", "GET /api/v1/orders/1234567890123456/items", []),
    ("part of something longer", "PhilSys 123456789012345677777", []),
    ("in a trace id", "trace=9f86d0811234567890123456884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PH_PHILSYS, text) == values
