"""Panamanian cédula by its form under its key and behind its word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pa_cedula import PA_CEDULA

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cedula=8-123-4567", ["8-123-4567"]),
    ("in JSON, quoted", '{"cedula":"8-123-4567","status":"ok"}', ["8-123-4567"]),
    ("at the end of a longer key", "customer.cedula: 8-123-4567", ["8-123-4567"]),
    ("under documento, which others share", "documento=8-123-4567", ["8-123-4567"]),
    ("behind its word", "cédula 8-123-4567", ["8-123-4567"]),
    ("in a sentence", "cliente con cédula 8-123-4567 no existe", ["8-123-4567"]),
    ("under a key that says nothing", "xq7=8-123-4567", []),
    ("with nothing around it", "got 8-123-4567 from partner", []),
    ("born abroad", "cedula: PE-12-345", ["PE-12-345"]),
    ("a foreigner's", "cédula E-8-123456", ["E-8-123456"]),
    ("before the registry", "cedula=1AV-23-456", ["1AV-23-456"]),
    ("an order", "order_id=8-123-4567", []),
    ("a size", "read 8-123-4567 bytes", []),
    ("a trace", "trace=8-123-4567", []),
    ("a piece of a name", "pod-8-123-4567-x7k2p /v1/8-123-4567/items", []),
    ("a version", "v8-123-4567", []),
    ("a province that is none", "cédula 88-123-4567", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PA_CEDULA, text) == values
