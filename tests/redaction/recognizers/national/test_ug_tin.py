"""Ugandan taxpayer numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ug_tin import UG_TIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "TIN 1004857362", ["1004857362"]),
    ("in a sentence of its country", "URA says that TIN 1004857362 is closed", ["1004857362"]),
    ("under its own key", "ura_tin=1004857362 status=ok", ["1004857362"]),
    ("in JSON as a text", '{"ura_tin": "1004857362", "ok": true}', ["1004857362"]),
    ("in JSON as a number", '{"ura_tin":1004857362,"ok":true}', ["1004857362"]),
    ("mistyped under its own key", "ura_tin=2004857362", ["2004857362"]),
    ("under a key that says nothing", "xq7=1004857362", []),
    ("alone in a line", "retry 1004857362 failed", []),
    ("no such number behind its word", "TIN 2004857362", []),
    ("an order as long", "order_id=1004857362", []),
    ("an order between the word and the number", "TIN missing for order 1004857362", []),
    ("a part of something longer", "pod-x1004857362-7f9c and job_1004857362_x7", []),
    ("a count", "read 1004857362 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(UG_TIN, text) == values
