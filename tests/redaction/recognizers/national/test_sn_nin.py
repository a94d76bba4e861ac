"""Senegalese national identification numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.sn_nin import SN_NIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIN 2751198900123", ["2751198900123"]),
    ("in a sentence of its country", "carte CEDEAO 2751198900123 lue au guichet", ["2751198900123"]),
    ("as people write it", "NIN: 1 751 1989 00123", ["1 751 1989 00123"]),
    ("under its own key", "sn_nin=2751198900123 status=ok", ["2751198900123"]),
    ("in JSON as a text", '{"sn_nin": "2751198900123", "ok": true}', ["2751198900123"]),
    ("in JSON as a number", '{"sn_nin":2751198900123,"ok":true}', ["2751198900123"]),
    ("mistyped under its own key", "sn_nin=2751298900123", ["2751298900123"]),
    ("under a key that others share", '"nin":"2751198900123"', ["2751198900123"]),
    ("no such number under a shared key", "nin=2751298900123", []),
    ("under a key that says nothing", "xq7=2751198900123", ["2751198900123"]),
    ("alone in a line", "retry 2751198900123 failed", ["2751198900123"]),
    ("no such number behind its word", "NIN 2751298900123", []),
    ("an order as long", "order_id=2751198900123", []),
    ("an order between the word and the number", "NIN missing for order 2751198900123", []),
    ("a part of something longer", "pod-x2751198900123-7f9c and job_2751198900123_x7", []),
    ("a count", "read 2751198900123 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
    ("of a man, whose number may be a time", "xq7=1751198900123 nin=1751198900123", ["1751198900123"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(SN_NIN, text) == values
