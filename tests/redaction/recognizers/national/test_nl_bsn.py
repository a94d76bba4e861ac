"""Dutch citizen numbers (BSN)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.nl_bsn import NL_BSN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "BSN 111222333", ["111222333"]),
    ("in a sentence of its country", "het BSN van de klant 111222333 klopt niet", ["111222333"]),
    ("as people write it", "BSN: 1112.22.333", ["1112.22.333"]),
    ("under its own key", "bsn=111222333 status=ok", ["111222333"]),
    ("in JSON as a text", '{"bsn": "111222333", "ok": true}', ["111222333"]),
    ("in JSON as a number", '{"bsn":111222333,"ok":true}', ["111222333"]),
    ("mistyped under its own key", "bsn=111252333", ["111252333"]),
    ("under a key that others share", '"national_id":"111222333"', ["111222333"]),
    ("no such number under a shared key", "national_id=111252333", []),
    ("under a key that says nothing", "xq7=111222333", ["111222333"]),
    ("under a key that holds a word", "zone_hint=111222333", []),
    ("alone in a line", "retry 111222333 failed", []),
    ("no such number behind its word", "BSN 111252333", []),
    ("an order as long", "order_id=111222333", []),
    ("an order between the word and the number", "BSN missing for order 111222333", []),
    ("a part of something longer", "pod-x111222333-7f9c and job_111222333_x7", []),
    ("a count", "read 111222333 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(NL_BSN, text) == values
