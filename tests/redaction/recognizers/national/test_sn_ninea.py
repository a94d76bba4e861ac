"""Senegalese business and taxpayer numbers (NINEA)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.sn_ninea import SN_NINEA

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NINEA 304817565", ["304817565"]),
    ("in a sentence of its country", "le NINEA de l'entreprise 304817565 est absent", ["304817565"]),
    ("as people write it", "NINEA: 304817565 2A3", ["304817565 2A3"]),
    ("under its own key", "ninea=304817565 status=ok", ["304817565"]),
    ("in JSON as a text", '{"ninea": "304817565", "ok": true}', ["304817565"]),
    ("in JSON as a number", '{"ninea":304817565,"ok":true}', ["304817565"]),
    ("mistyped under its own key", "ninea=304817566", ["304817566"]),
    ("under a key that says nothing", "xq7=304817565", []),
    ("alone in a line", "retry 304817565 failed", []),
    ("no such number behind its word", "NINEA 304817566", []),
    ("an order as long", "order_id=304817565", []),
    ("an order between the word and the number", "NINEA missing for order 304817565", []),
    ("a part of something longer", "pod-x304817565-7f9c and job_304817565_x7", []),
    ("a count", "read 304817565 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(SN_NINEA, text) == values
