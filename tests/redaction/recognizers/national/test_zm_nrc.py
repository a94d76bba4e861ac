"""Zambian registration cards (NRC)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.zm_nrc import ZM_NRC

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NRC 482716/10/1", ["482716/10/1"]),
    ("in a sentence of its country", "his NRC number 482716/10/1 was rejected", ["482716/10/1"]),
    ("under its own key", "nrc=482716/10/1 status=ok", ["482716/10/1"]),
    ("in JSON as a text", '{"nrc": "482716/10/1", "ok": true}', ["482716/10/1"]),
    ("mistyped under its own key", "nrc=482716/10/7", ["482716/10/7"]),
    ("under a key that others share", '"national_id":"482716/10/1"', ["482716/10/1"]),
    ("no such number under a shared key", "national_id=482716/10/7", []),
    ("under a key that says nothing", "xq7=482716/10/1", ["482716/10/1"]),
    ("alone in a line", "retry 482716/10/1 failed", []),
    ("no such number behind its word", "NRC 482716/10/7", []),
    ("an order as long", "order_id=482716/10/1", []),
    ("an order between the word and the number", "NRC missing for order 482716/10/1", []),
    ("a part of something longer", "pod-x482716/10/1-7f9c and job_482716/10/1_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
    ("without strokes", "nrc 482716101", ["482716101"]),
    ("a path", "/data/482716/10/1/part", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ZM_NRC, text) == values
