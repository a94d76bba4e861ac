"""Rwandan identity numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.rw_nid import RW_NID

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NID 1199080012345678", ["1199080012345678"]),
    ("in a sentence of its country", "indangamuntu ye ni 1199080012345678 kandi irakora", ["1199080012345678"]),
    ("as people write it", "NID: 1 1990 8 0012345 6 78", ["1 1990 8 0012345 6 78"]),
    ("under its own key", "rwanda_id=1199080012345678 status=ok", ["1199080012345678"]),
    ("in JSON as a text", '{"rwanda_id": "1199080012345678", "ok": true}', ["1199080012345678"]),
    ("in JSON as a number", '{"rwanda_id":1199080012345678,"ok":true}', ["1199080012345678"]),
    ("mistyped under its own key", "rwanda_id=4199080012345678", ["4199080012345678"]),
    ("under a key that others share", '"nid":"1199080012345678"', ["1199080012345678"]),
    ("no such number under a shared key", "nid=4199080012345678", []),
    ("under a key that says nothing", "xq7=1199080012345678", ["1199080012345678"]),
    ("alone in a line", "retry 1199080012345678 failed", ["1199080012345678"]),
    ("no such number behind its word", "NID 4199080012345678", []),
    ("an order as long", "order_id=1199080012345678", []),
    ("an order between the word and the number", "NID missing for order 1199080012345678", []),
    ("a part of something longer", "pod-x1199080012345678-7f9c and job_1199080012345678_x7", []),
    ("a count", "read 1199080012345678 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(RW_NID, text) == values
