"""Cameroonian taxpayer numbers (NIU)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.cm_niu import CM_NIU

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIU P047217189850K", ["P047217189850K"]),
    ("in a sentence of its country", "le NIU du contribuable P047217189850K est suspendu", ["P047217189850K"]),
    ("under its own key", "niu=P047217189850K status=ok", ["P047217189850K"]),
    ("in JSON as a text", '{"niu": "P047217189850K", "ok": true}', ["P047217189850K"]),
    ("in small letters under its key", "niu=p047217189850k", ["p047217189850k"]),
    ("mistyped under its own key", "niu=K047217189850K", ["K047217189850K"]),
    ("under a key that others share", '"tax_id":"P047217189850K"', ["P047217189850K"]),
    ("no such number under a shared key", "tax_id=K047217189850K", []),
    ("under a key that says nothing", "xq7=P047217189850K", ["P047217189850K"]),
    ("alone in a line", "retry P047217189850K failed", []),
    ("no such number behind its word", "NIU K047217189850K", []),
    ("an order as long", "order_id=P047217189850K", []),
    ("an order between the word and the number", "NIU missing for order P047217189850K", []),
    ("a part of something longer", "pod-xP047217189850K-7f9c and job_P047217189850K_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CM_NIU, text) == values
