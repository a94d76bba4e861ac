"""Tanzanian taxpayer numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.tz_tin import TZ_TIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "TIN 104857362", ["104857362"]),
    ("in a sentence of its country", "TRA haina TIN 104857362 kwenye orodha", ["104857362"]),
    ("as people write it", "TIN: 104-857-362", ["104-857-362"]),
    ("under its own key", "tra_tin=104857362 status=ok", ["104857362"]),
    ("in JSON as a text", '{"tra_tin": "104857362", "ok": true}', ["104857362"]),
    ("in JSON as a number", '{"tra_tin":104857362,"ok":true}', ["104857362"]),
    ("under a key that says nothing", "xq7=104857362", []),
    ("alone in a line", "retry 104857362 failed", []),
    ("an order as long", "order_id=104857362", []),
    ("an order between the word and the number", "TIN missing for order 104857362", []),
    ("a part of something longer", "pod-x104857362-7f9c and job_104857362_x7", []),
    ("a count", "read 104857362 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(TZ_TIN, text) == values
