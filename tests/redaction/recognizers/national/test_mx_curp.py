"""CURP by its date, sex and state."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.mx_curp import MX_CURP

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "curp=SASD920705HVZMSB00", ["SASD920705HVZMSB00"]),
    ("in JSON, quoted", '{"curp":"SASD920705HVZMSB00","status":"ok"}', ["SASD920705HVZMSB00"]),
    ("at the end of a longer key", "customer.curp: SASD920705HVZMSB00", ["SASD920705HVZMSB00"]),
    ("in small letters under its key", "curp=sasd920705hvzmsb00", ["sasd920705hvzmsb00"]),
    ("under documento, which others share", "documento=SASD920705HVZMSB00", ["SASD920705HVZMSB00"]),
    ("behind its word", "CURP SASD920705HVZMSB00", ["SASD920705HVZMSB00"]),
    ("in a sentence", "la CURP SASD920705HVZMSB00 ya está registrada", ["SASD920705HVZMSB00"]),
    ("under a key that says nothing", "xq7=SASD920705HVZMSB00", ["SASD920705HVZMSB00"]),
    ("with nothing around it", "got SASD920705HVZMSB00 from partner", ["SASD920705HVZMSB00"]),
    ("mistyped at the end", "got SASD920705HVZMSB09 from", ["SASD920705HVZMSB09"]),
    ("an order", "order_id=SASD920705HVZMSB00", []),
    ("a size", "read SASD920705HVZMSB00 bytes", []),
    ("a trace", "trace=SASD920705HVZMSB00", []),
    ("a piece of a name", "pod-SASD920705HVZMSB00-x7k2p /v1/SASD920705HVZMSB00/items", []),
    ("no month", "got SASD921305HVZMSB00 from", []),
    ("no state", "got SASD920705HXXMSB00 from", []),
    ("no sex", "got SASD920705XVZMSB00 from", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MX_CURP, text) == values
