"""Virtual account numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.virtual_account import VIRTUAL_ACCOUNT

TABLE: list[tuple[str, str, list[str]]] = [
    ("Vietnamese, shortened", "stk 19034567890123, số tk", ["19034567890123"]),
    ("in Indonesia", "nomor_va=8808123456789012", ["8808123456789012"]),
    ("in JSON", '"vaNumber": "8808 1234 5678 9012"', ["8808 1234 5678 9012"]),
    ("an order's", "order_number=8808123456789012", []),
    (
        "somebody's, in a ticket",
        "my account is 2034567891 GTBank, mi cuenta 19400231188201",
        ["2034567891", "19400231188201"],
    ),
    ("one of a cloud", "assume role in account 123456789012, the account is 123456789012", []),
    ("none yet", "va_number=pending", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(VIRTUAL_ACCOUNT, text) == values
