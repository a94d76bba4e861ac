"""French social security numbers (NIR)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.fr_nir import FR_NIR

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "sécu 295109912611193", ["295109912611193"]),
    ("in a sentence of its country", "son numéro de sécurité sociale est 295109912611193 depuis", ["295109912611193"]),
    ("as people write it", "sécu: 2 95 10 99 126 111 93", ["2 95 10 99 126 111 93"]),
    ("under its own key", "nir=295109912611193 status=ok", ["295109912611193"]),
    ("in JSON as a text", '{"nir": "295109912611193", "ok": true}', ["295109912611193"]),
    ("in JSON as a number", '{"nir":295109912611193,"ok":true}', ["295109912611193"]),
    ("mistyped under its own key", "nir=295109912611199", ["295109912611199"]),
    ("under a key that says nothing", "xq7=295109912611193", ["295109912611193"]),
    ("alone in a line", "retry 295109912611193 failed", ["295109912611193"]),
    ("no such number behind its word", "sécu 295109912611199", []),
    ("an order as long", "order_id=295109912611193", []),
    ("an order between the word and the number", "sécu missing for order 295109912611193", []),
    ("a part of something longer", "pod-x295109912611193-7f9c and job_295109912611193_x7", []),
    ("a count", "read 295109912611193 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(FR_NIR, text) == values
