"""CCI by its check digits, bank, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pe_cci import PE_CCI

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cci=01130218884267341879", ["01130218884267341879"]),
    ("in JSON, quoted", '{"cci":"01130218884267341879","status":"ok"}', ["01130218884267341879"]),
    ("in JSON, as a number", '{"cci": 1130218884267341879, "status": "ok"}', ["1130218884267341879"]),
    ("at the end of a longer key", "customer.cci: 01130218884267341879", ["01130218884267341879"]),
    ("mistyped under its key", "cci=01130218884267341878", ["01130218884267341878"]),
    ("under cuenta_destino, which others share", "cuenta_destino=01130218884267341879", ["01130218884267341879"]),
    ("under account_number, which others share", "account_number=01130218884267341879", ["01130218884267341879"]),
    ("under cuenta_destino, not valid", "cuenta_destino=01130218884267341878", []),
    ("behind its word", "CCI 01130218884267341879", ["01130218884267341879"]),
    (
        "in a sentence",
        "abono al código de cuenta interbancario CCI 01130218884267341879 observado",
        ["01130218884267341879"],
    ),
    ("mistyped behind its word", "CCI 01130218884267341878", ["01130218884267341878"]),
    ("in groups behind its word", "CCI 011-302-188842673418-79", ["011-302-188842673418-79"]),
    ("under a key that says nothing", "xq7=01130218884267341879", ["01130218884267341879"]),
    ("with nothing around it", "got 01130218884267341879 from partner", ["01130218884267341879"]),
    ("a published example", "got 01136600010003254221 from", ["01136600010003254221"]),
    ("another check digit", "xq7=01130218884267341878 got 01130218884267341878 from partner", []),
    ("an order", "order_id=01130218884267341879", []),
    ("a size", "read 01130218884267341879 bytes", []),
    ("a trace", "trace=01130218884267341879", []),
    ("a piece of a name", "pod-01130218884267341879-x7k2p /v1/01130218884267341879/items", []),
    ("longer by a digit", "xq7=011302188842673418797 CCI=x", []),
    ("a bank that is none", "xq7=97730218884267341878", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PE_CCI, text) == values
