"""Costa Rican cédula by its word and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.cr_cedula import CR_CEDULA

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cedula_fisica=176303986", ["176303986"]),
    ("in JSON, quoted", '{"cedula_fisica":"176303986","status":"ok"}', ["176303986"]),
    ("in JSON, as a number", '{"cedula_fisica": 176303986, "status": "ok"}', ["176303986"]),
    ("at the end of a longer key", "customer.cedula_fisica: 176303986", ["176303986"]),
    ("under documento, which others share", "documento=176303986", ["176303986"]),
    ("behind its word", "cédula 176303986", ["176303986"]),
    ("in a sentence", "persona con cédula física 176303986 no inscrita", ["176303986"]),
    ("written behind its word", "cédula 1-7630-3986", ["1-7630-3986"]),
    ("written, without a word", "x 1-7630-3986 y", []),
    ("under a key that says nothing", "xq7=176303986", []),
    ("with nothing around it", "got 176303986 from partner", []),
    ("an order", "order_id=176303986", []),
    ("a size", "read 176303986 bytes", []),
    ("a trace", "trace=176303986", []),
    ("a piece of a name", "pod-176303986-x7k2p /v1/176303986/items", []),
    ("longer by a digit", "xq7=1763039867 cédula=x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CR_CEDULA, text) == values
