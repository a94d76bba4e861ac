"""BIN by its parts and check digit. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.kz_bin import KZ_BIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "БИН 160140001230 rejected", ["160140001230"]),
    ("in a sentence of the country", "БИН компании 160140001230 закрыт", ["160140001230"]),
    ("under a key that says nothing", "xq7=160140001230", ["160140001230"]),
    ("with nothing around it", "got 160140001230 today", ["160140001230"]),
    ("under its own key", "kz_bin=160140001230", ["160140001230"]),
    ("mistyped under its own key", "kz_bin=160140001231", ["160140001231"]),
    ("under a key that others share", "bin=160140001230", ["160140001230"]),
    ("mistyped under a key that others share", "bin=160140001231", []),
    ("in JSON", '{"kzBin":"160140001230","ok":true}', ["160140001230"]),
    ("as a number in JSON", '{"kz_bin": 160140001230}', ["160140001230"]),
    ("the front of a card", "bin=411111", []),
    ("the same of eight digits", "card_bin=41111111", []),
    ("a wrong one beside its word", "БИН 160140001231 rejected", []),
    ("an order", "order_id=160140001230", []),
    ("a block", "blk_160140001230 replicated", []),
    ("in a path", "GET /api/v1/orders/160140001230/items", []),
    ("part of something longer", "БИН 16014000123077777", []),
    ("in a trace id", "trace=9f86d081160140001230884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KZ_BIN, text) == values
