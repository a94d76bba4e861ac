"""Kenyan taxpayer numbers (KRA PIN)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ke_kra_pin import KE_KRA_PIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "KRA PIN A004416331M", ["A004416331M"]),
    ("in a sentence of its country", "the KRA PIN is A004416331M as filed", ["A004416331M"]),
    ("under its own key", "kra_pin=A004416331M status=ok", ["A004416331M"]),
    ("in JSON as a text", '{"kra_pin": "A004416331M", "ok": true}', ["A004416331M"]),
    ("in small letters under its key", "kra_pin=a004416331m", ["a004416331m"]),
    ("mistyped under its own key", "kra_pin=B004416331M", ["B004416331M"]),
    ("under a key that others share", '"tax_id":"A004416331M"', ["A004416331M"]),
    ("no such number under a shared key", "tax_id=B004416331M", []),
    ("under a key that says nothing", "xq7=A004416331M", ["A004416331M"]),
    ("alone in a line", "retry A004416331M failed", []),
    ("no such number behind its word", "KRA PIN B004416331M", []),
    ("an order as long", "order_id=A004416331M", []),
    ("an order between the word and the number", "KRA PIN missing for order A004416331M", []),
    ("a part of something longer", "pod-xA004416331M-7f9c and job_A004416331M_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KE_KRA_PIN, text) == values
