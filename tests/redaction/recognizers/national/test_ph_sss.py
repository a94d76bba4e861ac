"""SSS numbers beside their word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ph_sss import PH_SSS

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "SSS 0412345679 rejected", ["0412345679"]),
    ("in a sentence of the country", "SSS number ng miyembro 0412345679", ["0412345679"]),
    ("under a key that says nothing", "xq7=0412345679", []),
    ("with nothing around it", "got 0412345679 today", []),
    ("under its own key", "sss_number=0412345679", ["0412345679"]),
    ("in JSON", '{"sssNumber":"0412345679","ok":true}', ["0412345679"]),
    ("as it is written, beside its word", "SSS 04-1234567-9 invalid", ["04-1234567-9"]),
    ("the form alone", "run 04-1234567-9", []),
    ("an order", "order_id=0412345679", []),
    ("a block", "blk_0412345679 replicated", []),
    ("in a path", "GET /api/v1/orders/0412345679/items", []),
    ("part of something longer", "SSS 041234567977777", []),
    ("in a trace id", "trace=9f86d0810412345679884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PH_SSS, text) == values
