"""Bank accounts by English keys and words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.us_bank_number import US_BANK_NUMBER

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "account_number=945456787654", ["945456787654"]),
    ("in JSON, quoted", '{"account_number":"945456787654","status":"ok"}', ["945456787654"]),
    ("in JSON, as a number", '{"account_number": 945456787654, "status": "ok"}', ["945456787654"]),
    ("at the end of a longer key", "customer.account_number: 945456787654", ["945456787654"]),
    ("behind its word", "account number 945456787654", ["945456787654"]),
    ("in a sentence", "my bank account is 945456787654 please check", ["945456787654"]),
    ("under a key that says nothing", "xq7=945456787654", []),
    ("with nothing around it", "got 945456787654 from partner", []),
    ("a longer one of another country", "account_number=012180001234567895", ["012180001234567895"]),
    ("in groups under its key", "bank_account: 9454-5678-7654", ["9454-5678-7654"]),
    ("an order", "order_id=945456787654", []),
    ("a size", "read 945456787654 bytes", []),
    ("a trace", "trace=945456787654", []),
    ("a piece of a name", "pod-945456787654-x7k2p /v1/945456787654/items", []),
    ("longer by a digit", "xq7=9454567876547 account number=x", []),
    ("a cloud account", "aws_account_number=123456789012", []),
    ("an account of a role", "account 123456789012 cannot assume it", []),
    ("an account id", "account_id=945456787654", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(US_BANK_NUMBER, text) == values
