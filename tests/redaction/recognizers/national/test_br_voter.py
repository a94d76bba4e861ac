"""Voter cards of Brazil by their check digits, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.br_voter import BR_VOTER

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "titulo_eleitor=765229500418", ["765229500418"]),
    ("in JSON, quoted", '{"titulo_eleitor":"765229500418","status":"ok"}', ["765229500418"]),
    ("in JSON, as a number", '{"titulo_eleitor": 765229500418, "status": "ok"}', ["765229500418"]),
    ("at the end of a longer key", "customer.titulo_eleitor: 765229500418", ["765229500418"]),
    ("mistyped under its key", "titulo_eleitor=765229500419", ["765229500419"]),
    ("under documento, which others share", "documento=765229500418", ["765229500418"]),
    ("under documento, not valid", "documento=765229500419", []),
    ("behind its word", "título de eleitor 765229500418", ["765229500418"]),
    ("in a sentence", "eleitor com título eleitoral irregular: titulo_eleitoral 765229500418", ["765229500418"]),
    ("in groups behind its word", "título de eleitor 7652 2950 0418", ["7652 2950 0418"]),
    ("under a key that says nothing", "xq7=765229500418", ["765229500418"]),
    ("with nothing around it", "got 765229500418 from partner", ["765229500418"]),
    ("a published example", "xq7=102385010671", ["102385010671"]),
    ("another check digit", "xq7=765229500419 got 765229500419 from partner", []),
    ("an order", "order_id=765229500418", []),
    ("a size", "read 765229500418 bytes", []),
    ("a trace", "trace=765229500418", []),
    ("a piece of a name", "pod-765229500418-x7k2p /v1/765229500418/items", []),
    ("longer by a digit", "xq7=7652295004187 título de eleitor=x", []),
    ("a date with a time", "xq7=202611030159 got 202611030159 from", []),
    ("a state that is none", "xq7=765229503118", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BR_VOTER, text) == values
