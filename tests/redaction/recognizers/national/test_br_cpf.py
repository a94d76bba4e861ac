"""CPF by its form, its check digits and its word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.br_cpf import BR_CPF

TABLE: list[tuple[str, str, list[str]]] = [
    ("behind the type of a tensor", '"datatype":"BYTES","shape":[1,2],"data":["x","52998224725"]', ["52998224725"]),
    ("as it is written", "x 529.982.247-25 y", ["529.982.247-25"]),
    ("bare under its key", '"cpf":"52998224725"', ["52998224725"]),
    ("bare behind its word", "CPF do cliente 52998224725", ["52998224725"]),
    ("under a key that may hold others", "documento=52998224725", ["52998224725"]),
    ("mistyped under its key", "cpf=52998224724", ["52998224724"]),
    ("bare without its word", "id 52998224725", []),
    ("in JSON, quoted", '{"cpf": "52998224725", "status": "ok"}', ["52998224725"]),
    ("in JSON, as a number that lost its zeros", '{"cpf": 1234567890, "status": "ok"}', ["1234567890"]),
    ("under a key of Pix", "pix=52998224725", ["52998224725"]),
    ("under a key that others share", "numeroDocumento: 52998224725", ["52998224725"]),
    ("under that key, not valid", "numeroDocumento: 52998224724", []),
    ("under a key that says nothing", "xq7=52998224725", ["52998224725"]),
    ("with nothing around it", "got 52998224725 from partner", ["52998224725"]),
    ("an order", "pedido=52998224725", []),
    ("a size", "read 52998224725 bytes", []),
    ("a piece of a name", "pod-52998224725-x7k2p /v1/52998224725/items", []),
    ("longer by a digit", "xq7=529982247257", []),
    ("wrong check digits", "529.982.247-24", []),
    ("the same digit throughout", "111.111.111-11", []),
    ("an epoch in milliseconds", "cpf job started 1764000000000", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BR_CPF, text) == values


def test_dots_make_no_other_number() -> None:
    assert BR_CPF.identity("529.982.247-25") == BR_CPF.identity("52998224725")
