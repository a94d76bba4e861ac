"""Names of parties in ISO 20022 messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.iso20022_name import ISO20022_NAME

TABLE: list[tuple[str, str, list[str]]] = [
    ("a debtor", "<Dbtr><Nm>Ana Souza</Nm></Dbtr>", ["Ana Souza"]),
    ("a firm", "<Cdtr><Nm>ACME Ltda</Nm></Cdtr>", ["ACME Ltda"]),
    ("with a prefix", "<ns2:UltmtDbtr><ns2:Nm>Ana Souza</ns2:Nm></ns2:UltmtDbtr>", ["Ana Souza"]),
    ("with space between", "<Dbtr>\n  <Nm>Ana Souza</Nm>\n</Dbtr>", ["Ana Souza"]),
    ("escaped", "&lt;Dbtr&gt;&lt;Nm&gt;Ana Souza&lt;/Nm&gt;", ["Ana Souza"]),
    ("of an account", "<DbtrAcct><Id/><Nm>Ana Souza</Nm></DbtrAcct>", ["Ana Souza"]),
    ("in JSON", '{"Dbtr":{"Nm":"Ana Souza"}}', ["Ana Souza"]),
    ("in JSON inside a text", r"{\"Cdtr\": {\"Nm\": \"Ana Souza\"}}", ["Ana Souza"]),
    ("a bank", "<Dbtr/><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI><Nm>Deutsche Bank</Nm></FinInstnId></DbtrAgt>", []),
    ("after a bank", "<FinInstnId><Nm>Bank</Nm></FinInstnId><Dbtr><Nm>Ana</Nm></Dbtr>", ["Ana"]),
    ("something else", "<Product><Nm>Phone</Nm></Product> 5 nm> 3", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ISO20022_NAME, text) == values


def test_under_the_key_of_a_json_value(finds: Callable[..., list[str]]) -> None:
    assert finds(ISO20022_NAME, "Ana Souza", "Dbtr.Nm") == ["Ana Souza"]
    assert finds(ISO20022_NAME, "Deutsche Bank", "FinInstnId.Nm") == []
