"""Dates and places of birth in ISO 20022 messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.iso20022_birth import ISO20022_BIRTH

TABLE: list[tuple[str, str, list[str]]] = [
    ("date and place", "<BirthDt>1980-02-03</BirthDt><CityOfBirth>Recife</CityOfBirth>", ["1980-02-03", "Recife"]),
    ("in JSON", '"BirthDt":"1980-02-03"', ["1980-02-03"]),
    ("other dates", "<IntrBkSttlmDt>2026-11-23</IntrBkSttlmDt><CreDtTm>2026-11-23T19:47:41</CreDtTm>", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ISO20022_BIRTH, text) == values
