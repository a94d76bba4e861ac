"""HKID by their check sign. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.hk_hkid import HK_HKID

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "HKID A1234563 rejected", ["A1234563"]),
    ("in a sentence of the country", "客戶 香港身份證 A1234563 不符", ["A1234563"]),
    ("under a key that says nothing", "xq7=A1234563", []),
    ("with nothing around it", "got A1234563 today", []),
    ("as it is written", "got A123456(3) today", ["A123456(3)"]),
    ("under its own key", "hkid=A1234563", ["A1234563"]),
    ("mistyped under its own key", "hkid=A1234564", ["A1234564"]),
    ("under a key that others share", "id_number=A1234563", ["A1234563"]),
    ("mistyped under a key that others share", "id_number=A1234564", []),
    ("in JSON", '{"hkid":"A1234563","ok":true}', ["A1234563"]),
    ("in small letters under its key", "hkid=a1234563", ["a1234563"]),
    ("two letters", "got AB987654(3) today", ["AB987654(3)"]),
    ("under its key", "hkid=A123456(3)", ["A123456(3)"]),
    ("a wrong check sign in brackets", "got A123456(4)", []),
    ("a call with a number", "at XA123456(3)", []),
    ("a wrong one beside its word", "HKID A1234564 rejected", []),
    ("an order", "order_id=A1234563", []),
    ("a block", "blk_A1234563 replicated", []),
    ("in a path", "GET /api/v1/orders/A1234563/items", []),
    ("part of something longer", "HKID A1234563ZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081a1234563884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(HK_HKID, text) == values
