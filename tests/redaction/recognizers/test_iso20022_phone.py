"""Phone numbers in ISO 20022 messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.iso20022_phone import ISO20022_PHONE

TABLE: list[tuple[str, str, list[str]]] = [
    ("as the standard has it", "<PhneNb>+55-11912345678</PhneNb>", ["+55-11912345678"]),
    ("as people have it", "<MobNb>011 91234 5678</MobNb>", ["011 91234 5678"]),
    ("none given", "<PhneNb>n/a</PhneNb>", []),
    ("a number of payments", "<NbOfTxs>91234567</NbOfTxs>", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ISO20022_PHONE, text) == values
