"""ABHA numbers by key, word and form. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.in_abha import IN_ABHA

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "ABHA 91123456789012 rejected", ["91123456789012"]),
    ("in a sentence of the country", "आयुष ABHA 91123456789012 जुड़ा", ["91123456789012"]),
    ("under a key that says nothing", "xq7=91123456789012", []),
    ("with nothing around it", "got 91123456789012 today", []),
    ("under its own key", "abha_number=91123456789012", ["91123456789012"]),
    ("in JSON", '{"abhaNumber":"91123456789012","ok":true}', ["91123456789012"]),
    ("as a number in JSON", '{"abha_number": 91123456789012}', ["91123456789012"]),
    ("as it is written, beside its word", "ABHA 91-1234-5678-9012 linked", ["91-1234-5678-9012"]),
    ("as it is written, under its key", "health_id=91-1234-5678-9012", ["91-1234-5678-9012"]),
    ("the form alone", "range 91-1234-5678-9012", []),
    ("an order", "order_id=91123456789012", []),
    ("a block", "blk_91123456789012 replicated", []),
    ("in a path", "GET /api/v1/orders/91123456789012/items", []),
    ("part of something longer", "ABHA 9112345678901277777", []),
    ("in a trace id", "trace=9f86d08191123456789012884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IN_ABHA, text) == values
