"""What payers write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.remittance_text import REMITTANCE_TEXT

TABLE: list[tuple[str, str, list[str]]] = [
    ("in a statement", ":86:177?00SEPA?20EREF+8812?21Miete Ana?30MARKDEF1", ["Miete Ana"]),
    ("in a statement of the other form", ":86:/TRTP/SEPA/NAME/J VASK/REMI/huur Ana/EREF/1", ["huur Ana"]),
    ("in XML", "<RmtInf><Ustrd>rent for Ana, flat 4</Ustrd></RmtInf>", ["rent for Ana, flat 4"]),
    ("in JSON", '"remittanceInformation":"rent for Ana"', ["rent for Ana"]),
    ("of Pix", '"solicitacaoPagador": "aluguel da Ana"', ["aluguel da Ana"]),
    ("in an MT message", ":59:/1\n:70:RENT FOR FLAT 4\nANA\n:71A:SHA", ["RENT FOR FLAT 4\nANA"]),
    ("in an MT message on one line", r":20:X\n:70:RENT FOR FLAT 4\n:71A:SHA", ["RENT FOR FLAT 4"]),
    ("a mere number", "<Ustrd>20261123001</Ustrd>", []),
    ("a time", "at 10:70:12 and a:70:b", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(REMITTANCE_TEXT, text) == values
