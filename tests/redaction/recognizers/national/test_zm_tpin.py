"""Zambian taxpayer numbers (TPIN)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.zm_tpin import ZM_TPIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "TPIN 1004857362", ["1004857362"]),
    ("in a sentence of its country", "ZRA says the TPIN 1004857362 is inactive", ["1004857362"]),
    ("under its own key", "tpin=1004857362 status=ok", ["1004857362"]),
    ("in JSON as a text", '{"tpin": "1004857362", "ok": true}', ["1004857362"]),
    ("in JSON as a number", '{"tpin":1004857362,"ok":true}', ["1004857362"]),
    ("under a key that says nothing", "xq7=1004857362", []),
    ("alone in a line", "retry 1004857362 failed", []),
    ("an order as long", "order_id=1004857362", []),
    ("an order between the word and the number", "TPIN missing for order 1004857362", []),
    ("a part of something longer", "pod-x1004857362-7f9c and job_1004857362_x7", []),
    ("a count", "read 1004857362 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ZM_TPIN, text) == values
