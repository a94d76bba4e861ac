"""Tunisian identity cards (CIN)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.tn_cin import TN_CIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "CIN 04857362", ["04857362"]),
    ("in a sentence of its country", "بطاقة التعريف الوطنية 04857362", ["04857362"]),
    ("under its own key", "tn_cin=04857362 status=ok", ["04857362"]),
    ("in JSON as a text", '{"tn_cin": "04857362", "ok": true}', ["04857362"]),
    ("mistyped under its own key", "tn_cin=94857362", ["94857362"]),
    ("under a key that others share", '"cin":"04857362"', ["04857362"]),
    ("no such number under a shared key", "cin=94857362", []),
    ("under a key that says nothing", "xq7=04857362", []),
    ("alone in a line", "retry 04857362 failed", []),
    ("no such number behind its word", "CIN 94857362", []),
    ("an order as long", "order_id=04857362", []),
    ("an order between the word and the number", "CIN missing for order 04857362", []),
    ("a part of something longer", "pod-x04857362-7f9c and job_04857362_x7", []),
    ("a count", "read 04857362 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(TN_CIN, text) == values
