"""Medicare numbers by their weights and a word. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.au_medicare import AU_MEDICARE

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "Medicare 2951234571 rejected", ["2951234571"]),
    ("in a sentence of the country", "her Medicare card 2951234571 expired", ["2951234571"]),
    ("under a key that says nothing", "xq7=2951234571", ["2951234571"]),
    ("with nothing around it", "got 2951234571 today", []),
    ("under its own key", "medicare_number=2951234571", ["2951234571"]),
    ("mistyped under its own key", "medicare_number=2951234581", ["2951234581"]),
    ("in JSON", '{"medicareNumber":"2951234571","ok":true}', ["2951234571"]),
    ("as a number in JSON", '{"medicare_number": 2951234571}', ["2951234571"]),
    ("in groups", "Medicare 2951 23457 1", ["2951 23457 1"]),
    ("groups alone", "cells 2951 23457 1", []),
    ("a wrong one beside its word", "Medicare 2951234581 rejected", []),
    ("an order", "order_id=2951234571", []),
    ("a block", "blk_2951234571 replicated", []),
    ("in a path", "GET /api/v1/orders/2951234571/items", []),
    ("in a trace id", "trace=9f86d0812951234571884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AU_MEDICARE, text) == values
