"""South African passport numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.za_passport import ZA_PASSPORT

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "paspoort A04817362", ["A04817362"]),
    ("in a sentence of its country", "paspoort nommer A04817362 verval binnekort", ["A04817362"]),
    ("under its own key", "sa_passport=A04817362 status=ok", ["A04817362"]),
    ("in JSON as a text", '{"sa_passport": "A04817362", "ok": true}', ["A04817362"]),
    ("in small letters under its key", "sa_passport=a04817362", ["a04817362"]),
    ("mistyped under its own key", "sa_passport=X04817362", ["X04817362"]),
    ("under a key that others share", '"passport_number":"A04817362"', ["A04817362"]),
    ("no such number under a shared key", "passport_number=X04817362", []),
    ("under a key that says nothing", "xq7=A04817362", []),
    ("alone in a line", "retry A04817362 failed", []),
    ("no such number behind its word", "paspoort X04817362", []),
    ("an order as long", "order_id=A04817362", []),
    ("an order between the word and the number", "paspoort missing for order A04817362", []),
    ("a part of something longer", "pod-xA04817362-7f9c and job_A04817362_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ZA_PASSPORT, text) == values
