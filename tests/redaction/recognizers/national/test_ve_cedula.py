"""Venezuelan cédula by its letter, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ve_cedula import VE_CEDULA

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cedula_venezolana=V25676633", ["V25676633"]),
    ("in JSON, quoted", '{"cedula_venezolana":"V25676633","status":"ok"}', ["V25676633"]),
    ("at the end of a longer key", "customer.cedula_venezolana: V25676633", ["V25676633"]),
    ("in small letters under its key", "cedula_venezolana=v25676633", ["v25676633"]),
    ("under cedula, which others share", "cedula=V25676633", ["V25676633"]),
    ("under ci, which others share", "ci=V25676633", ["V25676633"]),
    ("under documento, which others share", "documento=V25676633", ["V25676633"]),
    ("behind its word", "cédula V25676633", ["V25676633"]),
    ("in a sentence", "titular de la cédula de identidad V25676633", ["V25676633"]),
    ("with a hyphen behind its word", "C.I. V-25676633", ["V-25676633"]),
    ("in thousands", "titular V-25.676.633 no existe", ["V-25.676.633"]),
    ("a foreigner's", "cédula E-84123456", ["E-84123456"]),
    ("under a key that says nothing", "xq7=V25676633", []),
    ("with nothing around it", "got V25676633 from partner", []),
    ("without its letter under its key", "cedula_ve=25676633", ["25676633"]),
    ("an order", "order_id=V25676633", []),
    ("a size", "read V25676633 bytes", []),
    ("a trace", "trace=V25676633", []),
    ("a piece of a name", "pod-V25676633-x7k2p /v1/V25676633/items", []),
    ("an error code", "E84123456 from gateway", []),
    ("another letter", "cédula X25676633", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(VE_CEDULA, text) == values
