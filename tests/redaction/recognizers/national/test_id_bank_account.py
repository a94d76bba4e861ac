"""Accounts and virtual accounts beside their word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.id_bank_account import ID_BANK_ACCOUNT

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "virtual account 8808081234567890 rejected", ["8808081234567890"]),
    ("in a sentence of the country", "nomor rekening 8808081234567890 salah", ["8808081234567890"]),
    ("under a key that says nothing", "xq7=8808081234567890", []),
    ("with nothing around it", "got 8808081234567890 today", []),
    ("under its own key", "va_number=8808081234567890", ["8808081234567890"]),
    ("in JSON", '{"vaNumber":"8808081234567890","ok":true}', ["8808081234567890"]),
    ("as a number in JSON", '{"va_number": 8808081234567890}', ["8808081234567890"]),
    ("an account", "no_rekening=1234567890", ["1234567890"]),
    ("the state of one", "virtual_account=expired", []),
    ("an order", "order_id=8808081234567890", []),
    ("a block", "blk_8808081234567890 replicated", []),
    ("in a path", "GET /api/v1/orders/8808081234567890/items", []),
    ("part of something longer", "virtual account 880808123456789077777", []),
    ("in a trace id", "trace=9f86d0818808081234567890884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ID_BANK_ACCOUNT, text) == values
