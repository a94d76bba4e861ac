"""DUI by its check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.sv_dui import SV_DUI

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "dui=047891133", ["047891133"]),
    ("in JSON, quoted", '{"dui":"047891133","status":"ok"}', ["047891133"]),
    ("in JSON, as a number", '{"dui": 47891133, "status": "ok"}', ["47891133"]),
    ("at the end of a longer key", "customer.dui: 047891133", ["047891133"]),
    ("mistyped under its key", "dui=047891134", ["047891134"]),
    ("under documento, which others share", "documento=047891133", ["047891133"]),
    ("under nit, which others share", "nit=047891133", ["047891133"]),
    ("under documento, not valid", "documento=047891134", []),
    ("behind its word", "DUI 047891133", ["047891133"]),
    ("in a sentence", "cliente con DUI 047891133 no registrado", ["047891133"]),
    ("with a hyphen behind its word", "DUI: 04789113-3", ["04789113-3"]),
    ("with a hyphen under a key that says nothing", "xq7=04789113-3", ["04789113-3"]),
    ("under a key that says nothing", "xq7=047891133", ["047891133"]),
    ("with nothing around it", "got 047891133 from partner", []),
    ("a published example", "DUI 00016297-5", ["00016297-5"]),
    ("another check digit", "xq7=047891134 got 047891134 from partner", []),
    ("an order", "order_id=047891133", []),
    ("a size", "read 047891133 bytes", []),
    ("a trace", "trace=047891133", []),
    ("a piece of a name", "pod-047891133-x7k2p /v1/047891133/items", []),
    ("longer by a digit", "xq7=0478911337 DUI=x", []),
    ("no leading zero, under a key that says nothing", "xq7=547891138", []),
    ("with a hyphen and no word", "got 04789113-3 from", []),
    ("a date and a counter", "20261123-1 20261123-7", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(SV_DUI, text) == values
