"""NIT of El Salvador by its date, check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.sv_nit import SV_NIT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "nit=06142402591065", ["06142402591065"]),
    ("in JSON, quoted", '{"nit":"06142402591065","status":"ok"}', ["06142402591065"]),
    ("in JSON, as a number", '{"nit": 6142402591065, "status": "ok"}', ["6142402591065"]),
    ("at the end of a longer key", "customer.nit: 06142402591065", ["06142402591065"]),
    ("mistyped under its key", "nit=06142402591066", ["06142402591066"]),
    ("under tax_id, which others share", "tax_id=06142402591065", ["06142402591065"]),
    ("under documento, which others share", "documento=06142402591065", ["06142402591065"]),
    ("under tax_id, not valid", "tax_id=06142402591066", []),
    ("behind its word", "NIT 06142402591065", ["06142402591065"]),
    ("in a sentence", "contribuyente con NIT 06142402591065 omiso", ["06142402591065"]),
    ("as it is written", "x 0614-240259-106-5 y", ["0614-240259-106-5"]),
    ("under a key that says nothing", "xq7=06142402591065", ["06142402591065"]),
    ("with nothing around it", "got 06142402591065 from partner", ["06142402591065"]),
    ("a published example", "x 0614-070320-104-9 y", ["0614-070320-104-9"]),
    ("another check digit", "xq7=06142402591066 got 06142402591066 from partner", []),
    ("an order", "order_id=06142402591065", []),
    ("a size", "read 06142402591065 bytes", []),
    ("a trace", "trace=06142402591065", []),
    ("a piece of a name", "pod-06142402591065-x7k2p /v1/06142402591065/items", []),
    ("longer by a digit", "xq7=061424025910657 NIT=x", []),
    ("a date with seconds", "xq7=20261123194741", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(SV_NIT, text) == values
