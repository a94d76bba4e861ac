"""Dominican cédula by its municipality, check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.do_cedula import DO_CEDULA

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cedula=05438327727", ["05438327727"]),
    ("in JSON, quoted", '{"cedula":"05438327727","status":"ok"}', ["05438327727"]),
    ("in JSON, as a number", '{"cedula": 5438327727, "status": "ok"}', ["5438327727"]),
    ("at the end of a longer key", "customer.cedula: 05438327727", ["05438327727"]),
    ("mistyped under its key", "cedula=05438327728", ["05438327728"]),
    ("under documento, which others share", "documento=05438327727", ["05438327727"]),
    ("under rnc, which others share", "rnc=05438327727", ["05438327727"]),
    ("under documento, not valid", "documento=05438327728", []),
    ("behind its word", "cédula 05438327727", ["05438327727"]),
    ("in a sentence", "el cliente con cédula de identidad 05438327727 no existe", ["05438327727"]),
    ("as it is written", "x 054-3832772-7 y", ["054-3832772-7"]),
    ("under a key that says nothing", "xq7=05438327727", ["05438327727"]),
    ("with nothing around it", "got 05438327727 from partner", ["05438327727"]),
    ("a published example", "xq7=00113918205", ["00113918205"]),
    ("another check digit", "xq7=05438327728 got 05438327728 from partner", []),
    ("an order", "order_id=05438327727", []),
    ("a size", "read 05438327727 bytes", []),
    ("a trace", "trace=05438327727", []),
    ("a piece of a name", "pod-05438327727-x7k2p /v1/05438327727/items", []),
    ("longer by a digit", "xq7=054383277277 cédula=x", []),
    ("a place that is none", "xq7=95438327728", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(DO_CEDULA, text) == values
