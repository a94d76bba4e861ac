"""Nepalese PAN under their keys. The values are invented."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.np_pan import NP_PAN

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its own key", "pan_no=301234567", ["301234567"]),
    ("with the VAT number", "PAN/VAT No: x, pan_vat_no: 301234567", ["301234567"]),
    ("in JSON", '{"panNumber":"301234567"}', ["301234567"]),
    ("as a number in JSON", '{"pan": 301234567}', ["301234567"]),
    ("a card under the same key", "pan=4111111111111111", []),
    ("an Indian one", "pan=ABCPE1234F", []),
    ("beside its word only", "PAN 301234567", []),
    ("an order", "order_id=301234567", []),
    ("a size", "read 301234567 bytes", []),
    ("part of something longer", "pan_no=30123456777", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(NP_PAN, text) == values
