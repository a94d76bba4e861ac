"""Portuguese citizen cards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pt_cc import PT_CC

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "cartão de cidadão 000000000ZZ4", ["000000000ZZ4"]),
    ("in a sentence of its country", "o cartão de cidadão 000000000ZZ4 expirou", ["000000000ZZ4"]),
    ("under its own key", "cartao_cidadao=000000000ZZ4 status=ok", ["000000000ZZ4"]),
    ("in JSON as a text", '{"cartao_cidadao": "000000000ZZ4", "ok": true}', ["000000000ZZ4"]),
    ("in small letters under its key", "cartao_cidadao=000000000zz4", ["000000000zz4"]),
    ("mistyped under its own key", "cartao_cidadao=000000000ZZ5", ["000000000ZZ5"]),
    ("under a key that others share", '"documento":"000000000ZZ4"', ["000000000ZZ4"]),
    ("no such number under a shared key", "documento=000000000ZZ5", []),
    ("under a key that says nothing", "xq7=000000000ZZ4", ["000000000ZZ4"]),
    ("alone in a line", "retry 000000000ZZ4 failed", []),
    ("no such number behind its word", "cartão de cidadão 000000000ZZ5", []),
    ("an order as long", "order_id=000000000ZZ4", []),
    ("an order between the word and the number", "cartão de cidadão missing for order 000000000ZZ4", []),
    ("a part of something longer", "pod-x000000000ZZ4-7f9c and job_000000000ZZ4_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PT_CC, text) == values
