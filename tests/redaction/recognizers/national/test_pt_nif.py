"""Portuguese taxpayer numbers (NIF)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pt_nif import PT_NIF

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "número de contribuinte 501964843", ["501964843"]),
    ("in a sentence of its country", "o contribuinte 501964843 não tem morada", ["501964843"]),
    ("as people write it", "número de contribuinte: 501 964 843", ["501 964 843"]),
    ("under its own key", "numero_contribuinte=501964843 status=ok", ["501964843"]),
    ("in JSON as a text", '{"numero_contribuinte": "501964843", "ok": true}', ["501964843"]),
    ("in JSON as a number", '{"numero_contribuinte":501964843,"ok":true}', ["501964843"]),
    ("mistyped under its own key", "numero_contribuinte=501964842", ["501964842"]),
    ("under a key that others share", '"nif":"501964843"', ["501964843"]),
    ("no such number under a shared key", "nif=501964842", []),
    ("under a key that says nothing", "xq7=501964843", ["501964843"]),
    ("under a key that holds a word", "zone_hint=501964843", []),
    ("alone in a line", "retry 501964843 failed", []),
    ("no such number behind its word", "número de contribuinte 501964842", []),
    ("an order as long", "order_id=501964843", []),
    ("an order between the word and the number", "número de contribuinte missing for order 501964843", []),
    ("a part of something longer", "pod-x501964843-7f9c and job_501964843_x7", []),
    ("a count", "read 501964843 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PT_NIF, text) == values
