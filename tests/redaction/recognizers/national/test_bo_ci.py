"""Bolivian CI by its word and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.bo_ci import BO_CI

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "carnet=7181699", ["7181699"]),
    ("in JSON, quoted", '{"carnet":"7181699","status":"ok"}', ["7181699"]),
    ("in JSON, as a number", '{"carnet": 7181699, "status": "ok"}', ["7181699"]),
    ("at the end of a longer key", "customer.carnet: 7181699", ["7181699"]),
    ("behind its word", "carnet de identidad 7181699", ["7181699"]),
    ("in a sentence", "cliente con carnet 7181699 observado", ["7181699"]),
    ("under a key that says nothing", "xq7=7181699", []),
    ("with nothing around it", "got 7181699 from partner", []),
    ("with the place of issue", "ci: 7181699 LP", ["7181699 LP"]),
    ("with a complement", "carnet=7181699-1B", ["7181699-1B"]),
    ("an order", "order_id=7181699", []),
    ("a size", "read 7181699 bytes", []),
    ("a trace", "trace=7181699", []),
    ("a piece of a name", "pod-7181699-x7k2p /v1/7181699/items", []),
    ("longer by a digit", "xq7=71816997 carnet de identidad=x", []),
    ("a mere number under ci", "ci: 7181699", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BO_CI, text) == values
