"""Cédula jurídica by its beginning, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.cr_company import CR_COMPANY

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cedula_juridica=3101828733", ["3101828733"]),
    ("in JSON, quoted", '{"cedula_juridica":"3101828733","status":"ok"}', ["3101828733"]),
    ("in JSON, as a number", '{"cedula_juridica": 3101828733, "status": "ok"}', ["3101828733"]),
    ("at the end of a longer key", "customer.cedula_juridica: 3101828733", ["3101828733"]),
    ("under cedula, which others share", "cedula=3101828733", ["3101828733"]),
    ("under tax_id, which others share", "tax_id=3101828733", ["3101828733"]),
    ("behind its word", "cédula jurídica 3101828733", ["3101828733"]),
    ("in a sentence", "sociedad con cédula jurídica N° 3101828733 morosa", ["3101828733"]),
    ("as it is written", "x 3-101-828733 y", ["3-101-828733"]),
    ("under a key that says nothing", "xq7=3101828733", ["3101828733"]),
    ("with nothing around it", "got 3101828733 from partner", ["3101828733"]),
    ("an order", "order_id=3101828733", []),
    ("a size", "read 3101828733 bytes", []),
    ("a trace", "trace=3101828733", []),
    ("a piece of a name", "pod-3101828733-x7k2p /v1/3101828733/items", []),
    ("longer by a digit", "xq7=31018287337 cédula jurídica=x", []),
    ("a class that is none", "xq7=3901828733 x 3-901-828733 y", []),
    ("an epoch", "xq7=1764000000", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CR_COMPANY, text) == values
