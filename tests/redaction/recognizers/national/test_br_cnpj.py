"""CNPJ by its form and its check digits, with letters too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.br_cnpj import BR_CNPJ

TABLE: list[tuple[str, str, list[str]]] = [
    ("as it is written", "x 11.222.333/0001-81 y", ["11.222.333/0001-81"]),
    ("with letters", "12.ABC.345/01DE-35", ["12.ABC.345/01DE-35"]),
    ("bare, first branches", "merchant 11222333000181", ["11222333000181"]),
    ("bare under its key", "cnpj=11222333000181", ["11222333000181"]),
    ("with letters under its key", '"cnpj": "12ABC34501DE35"', ["12ABC34501DE35"]),
    ("with letters behind its word", "CNPJ 12ABC34501DE35", ["12ABC34501DE35"]),
    ("with letters under a key that says nothing", "xq7=12ABC34501DE35", ["12ABC34501DE35"]),
    ("with small letters under its key", "cnpj=12abc34501de35", ["12abc34501de35"]),
    ("mistyped under its key", "cnpj=11222333000182", ["11222333000182"]),
    ("under a key that others share", "tax_id: 11222333000181", ["11222333000181"]),
    ("under that key, not valid", "tax_id: 11222333000182", []),
    ("in JSON, as a number that lost a zero", '{"cnpj": 1938676000436}', ["1938676000436"]),
    ("a later branch under a key that says nothing", "xq7=11222333012350", ["11222333012350"]),
    ("a later branch with nothing around it", "got 11222333012350 from partner", []),
    ("a time at midnight that passes the check", "got 20261101000042 from partner", []),
    ("an order with a later branch", "order_id=11222333012350", []),
    ("longer by a digit", "xq7=112223330001817", []),
    ("letters, wrong check digits", "xq7=12ABC34501DE36", []),
    ("wrong check digits", "11.222.333/0001-82", []),
    ("a timestamp in one piece", "20261123194741", []),
    ("a path", "/2026-11/0001-81", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BR_CNPJ, text) == values
