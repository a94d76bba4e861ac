"""Accounts and ids of parties in ISO 20022 messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.iso20022_account import ISO20022_ACCOUNT

TABLE: list[tuple[str, str, list[str]]] = [
    ("an account", "<DbtrAcct><Id><Othr><Id>000123456</Id></Othr></Id></DbtrAcct>", ["000123456"]),
    ("a person's number", "<PrvtId>\n<Othr>\n<Id>52998224725</Id></Othr></PrvtId>", ["52998224725"]),
    ("with a prefix", "<a:Othr><a:Id>000123456</a:Id></a:Othr>", ["000123456"]),
    ("a proxy", "<Prxy><Tp><Cd>EMAL</Cd></Tp><Id>ana@example.com</Id></Prxy>", ["ana@example.com"]),
    ("in JSON", '{"Id":{"Othr":{"Id":"000123456"}}}', ["000123456"]),
    ("in JSON, a list", '"Othr": [ { "Id": "000123456" } ]', ["000123456"]),
    ("of a bank", "<FinInstnId><Othr><Id>99887</Id></Othr></FinInstnId>", []),
    ("a payment's ids", "<TxId>T-1</TxId><EndToEndId>E-1</EndToEndId><MsgId>M-1</MsgId><Id>7</Id>", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ISO20022_ACCOUNT, text) == values
