"""VKN by its check digit. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.tr_vkn import TR_VKN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "VKN 4540536920 rejected", ["4540536920"]),
    ("in a sentence of the country", "vergi numarası 4540536920 kayıtlı", ["4540536920"]),
    ("under a key that says nothing", "xq7=4540536920", ["4540536920"]),
    ("with nothing around it", "got 4540536920 today", []),
    ("under its own key", "vergi_no=4540536920", ["4540536920"]),
    ("mistyped under its own key", "vergi_no=4540536921", ["4540536921"]),
    ("under a key that others share", "tax_id=4540536920", ["4540536920"]),
    ("mistyped under a key that others share", "tax_id=4540536921", []),
    ("in JSON", '{"vergiNo":"4540536920","ok":true}', ["4540536920"]),
    ("as a number in JSON", '{"vergi_no": 4540536920}', ["4540536920"]),
    ("without its zero in JSON", '{"vkn": 123456789}', ["123456789"]),
    ("seconds since 1970", "kbx=1764000002", []),
    ("a wrong one beside its word", "VKN 4540536921 rejected", []),
    ("an order", "order_id=4540536920", []),
    ("a block", "blk_4540536920 replicated", []),
    ("in a path", "GET /api/v1/orders/4540536920/items", []),
    ("part of something longer", "VKN 454053692077777", []),
    ("in a trace id", "trace=9f86d0814540536920884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(TR_VKN, text) == values
