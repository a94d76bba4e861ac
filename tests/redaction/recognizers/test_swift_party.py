"""Customers in SWIFT MT messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.swift_party import SWIFT_PARTY

TABLE: list[tuple[str, str, list[str]]] = [
    (
        "the other side in a German statement",
        ":86:177?00SEPA?20Miete?30MARKDEF1?32Ebru Vask?33Quill",
        ["Ebru Vask", "Quill"],
    ),
    ("and in a Dutch one", ":86:/TRTP/SEPA/IBAN/NL91ABNA0417164300/NAME/J VASK/REMI/huur/EREF/1", ["J VASK"]),
    ("a question in a log", "x:86:177?32Ebru Vask and what?32 is it", []),
    (
        "customer and beneficiary",
        ":20:REF1\n:50K:/123456789\nANA SOUZA\nRUA DAS FLORES 12\n:52A:BANKBRSP\n"
        ":59:/DE89370400440532013000\nJOHN DOE\n-}",
        ["ANA SOUZA\nRUA DAS FLORES 12", "JOHN DOE"],
    ),
    ("without an account", ":59:JOHN DOE\nBERLIN\n:70:X", ["JOHN DOE\nBERLIN"]),
    (
        "numbered lines",
        ":50F:/123456789\n1/ANA SOUZA\n2/RUA DAS FLORES 12\n3/BR/RECIFE\n:59:X",
        ["1/ANA SOUZA\n2/RUA DAS FLORES 12\n3/BR/RECIFE", "X"],
    ),
    ("on one line", r":50K:/123456789\nANA SOUZA\n:59:/1\nJOHN DOE\n:71A:SHA", ["ANA SOUZA", "JOHN DOE"]),
    ("a bank's code stays", ":59A:/123456789\nDEUTDEFF\n:71A:SHA", []),
    ("fields that tell what happened", ":20:REF1\n:23B:CRED\n:32A:261123EUR1000,00\n:71A:SHA", []),
    ("times", "10:59:12 to 19:50:41", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(SWIFT_PARTY, text) == values
