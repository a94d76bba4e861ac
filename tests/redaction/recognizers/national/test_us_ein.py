"""EIN by its prefix, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.us_ein import US_EIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "ein=126405606", ["126405606"]),
    ("in JSON, quoted", '{"ein":"126405606","status":"ok"}', ["126405606"]),
    ("in JSON, as a number", '{"ein": 126405606, "status": "ok"}', ["126405606"]),
    ("at the end of a longer key", "customer.ein: 126405606", ["126405606"]),
    ("mistyped under its key", "ein=006405606", ["006405606"]),
    ("under tax_id, which others share", "tax_id=126405606", ["126405606"]),
    ("under tax_id, not valid", "tax_id=006405606", []),
    ("behind its word", "EIN 126405606", ["126405606"]),
    ("in a sentence", "merchant with employer identification number 126405606 on file", ["126405606"]),
    ("with a hyphen behind its word", "EIN 12-6405606", ["12-6405606"]),
    ("with a hyphen and no word", "x 12-6405606 y", []),
    ("under a key that says nothing", "xq7=126405606", []),
    ("with nothing around it", "got 126405606 from partner", []),
    ("another check digit", "xq7=006405606 got 006405606 from partner", []),
    ("an order", "order_id=126405606", []),
    ("a size", "read 126405606 bytes", []),
    ("a trace", "trace=126405606", []),
    ("a piece of a name", "pod-126405606-x7k2p /v1/126405606/items", []),
    ("longer by a digit", "xq7=1264056067 EIN=x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(US_EIN, text) == values
