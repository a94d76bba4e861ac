"""NTN beside its word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pk_ntn import PK_NTN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "NTN 12345678 rejected", ["12345678"]),
    ("in a sentence of the country", "FBR NTN نمبر 12345678", ["12345678"]),
    ("under a key that says nothing", "xq7=12345678", []),
    ("with nothing around it", "got 12345678 today", []),
    ("under its own key", "ntn=12345678", ["12345678"]),
    ("in JSON", '{"ntn":"12345678","ok":true}', ["12345678"]),
    ("as a number in JSON", '{"ntn": 12345678}', ["12345678"]),
    ("as it is written, beside its word", "NTN 1234567-8 suspended", ["1234567-8"]),
    ("the form alone", "range 1234567-8", []),
    ("an order", "order_id=12345678", []),
    ("a block", "blk_12345678 replicated", []),
    ("in a path", "GET /api/v1/orders/12345678/items", []),
    ("in a trace id", "trace=9f86d08112345678884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PK_NTN, text) == values
