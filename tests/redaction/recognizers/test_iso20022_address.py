"""Postal addresses in ISO 20022 messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.iso20022_address import ISO20022_ADDRESS

TABLE: list[tuple[str, str, list[str]]] = [
    (
        "in parts",
        "<StrtNm>Rua das Flores</StrtNm><BldgNb>12</BldgNb><PstCd>50000</PstCd><TwnNm>Recife</TwnNm>",
        ["Rua das Flores", "12", "50000", "Recife"],
    ),
    ("in lines", "<AdrLine>Rua das Flores 12</AdrLine>", ["Rua das Flores 12"]),
    ("in JSON", '"AdrLine":["Rua das Flores 12","Recife"]', ["Rua das Flores 12", "Recife"]),
    ("the country stays", "<Ctry>BR</Ctry>", []),
    ("a bank's", "<FinInstnId><PstlAdr><TwnNm>Frankfurt</TwnNm></PstlAdr></FinInstnId>", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ISO20022_ADDRESS, text) == values
