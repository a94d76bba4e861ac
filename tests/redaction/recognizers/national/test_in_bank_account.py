"""Account numbers beside their words and under their keys. The values are invented."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.in_bank_account import IN_BANK_ACCOUNT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its own key", "account_number=50100123456789", ["50100123456789"]),
    ("a beneficiary's", "beneficiaryAccountNo: 123456789", ["123456789"]),
    ("as banks write it", "A/C No 50100123456789 credited", ["50100123456789"]),
    ("beside its words", "account number 50100123456789 is closed", ["50100123456789"]),
    ("in a sentence of the country", "ग्राहक का A/C 50100123456789 बंद", ["50100123456789"]),
    ("in JSON", '{"accountNumber":"50100123456789","ifsc":"HDFC0001234"}', ["50100123456789"]),
    ("as a number in JSON", '{"acct_no": 50100123456789}', ["50100123456789"]),
    ("in groups", "bank_account='5010 0123 4567 89'", ["5010 0123 4567 89"]),
    ("under a key that says nothing", "xq7=50100123456789", []),
    ("of a cloud, by its key", "aws_account_number=123456789012", []),
    ("of a cloud, by the words", "AWS account number 123456789012", []),
    ("who pays the cloud", "billing_account_number=123456789012", []),
    ("an id in a database", "account_id=50100123456789", []),
    ("no number", "account_number=pending", []),
    ("too short", "account_no=12345678", []),
    ("masked already", "account_number=XXXXXXXX6789", []),
    ("an order beside it", "account closed, order 50100123456789", []),
    ("an order", "order_id=50100123456789", []),
    ("part of something longer", "account number 5010012345678977777", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IN_BANK_ACCOUNT, text) == values
