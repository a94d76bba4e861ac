"""CNH by its check digits, its word and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.br_cnh import BR_CNH

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "cnh=66129240102", ["66129240102"]),
    ("in JSON, quoted", '{"cnh":"66129240102","status":"ok"}', ["66129240102"]),
    ("in JSON, as a number", '{"cnh": 66129240102, "status": "ok"}', ["66129240102"]),
    ("at the end of a longer key", "customer.cnh: 66129240102", ["66129240102"]),
    ("mistyped under its key", "cnh=66129240103", ["66129240103"]),
    ("under documento, which others share", "documento=66129240102", ["66129240102"]),
    ("under id_number, which others share", "id_number=66129240102", ["66129240102"]),
    ("under documento, not valid", "documento=66129240103", []),
    ("behind its word", "CNH 66129240102", ["66129240102"]),
    ("in a sentence", "habilitação do motorista 66129240102 vencida", ["66129240102"]),
    ("under a key that says nothing", "xq7=66129240102", ["66129240102"]),
    ("with nothing around it", "got 66129240102 from partner", []),
    ("a published example", "cnh 58316794534", ["58316794534"]),
    ("another check digit", "xq7=66129240103 got 66129240103 from partner", []),
    ("an order", "order_id=66129240102", []),
    ("a size", "read 66129240102 bytes", []),
    ("a trace", "trace=66129240102", []),
    ("a piece of a name", "pod-66129240102-x7k2p /v1/66129240102/items", []),
    ("longer by a digit", "xq7=661292401027 CNH=x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BR_CNH, text) == values
