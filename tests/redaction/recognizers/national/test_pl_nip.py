"""Polish taxpayer numbers (NIP), of people in business too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pl_nip import PL_NIP

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIP 8567346215", ["8567346215"]),
    ("in a sentence of its country", "NIP sprzedawcy 8567346215 nie istnieje", ["8567346215"]),
    ("as people write it", "NIP: 856-734-62-15", ["856-734-62-15"]),
    ("under its own key", "nip=8567346215 status=ok", ["8567346215"]),
    ("in JSON as a text", '{"nip": "8567346215", "ok": true}', ["8567346215"]),
    ("in JSON as a number", '{"nip":8567346215,"ok":true}', ["8567346215"]),
    ("mistyped under its own key", "nip=8567346216", ["8567346216"]),
    ("under a key that others share", '"tax_id":"8567346215"', ["8567346215"]),
    ("no such number under a shared key", "tax_id=8567346216", []),
    ("under a key that says nothing", "xq7=8567346215", ["8567346215"]),
    ("under a key that holds a word", "zone_hint=8567346215", []),
    ("alone in a line", "retry 8567346215 failed", []),
    ("no such number behind its word", "NIP 8567346216", []),
    ("an order as long", "order_id=8567346215", []),
    ("an order between the word and the number", "NIP missing for order 8567346215", []),
    ("a part of something longer", "pod-x8567346215-7f9c and job_8567346215_x7", []),
    ("a count", "read 8567346215 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PL_NIP, text) == values
