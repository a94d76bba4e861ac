"""Egyptian national ids."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.eg_national_id import EG_NATIONAL_ID

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "الرقم القومي 29001011234567", ["29001011234567"]),
    ("in a sentence of its country", "الرقم القومي للعميل 29001011234567", ["29001011234567"]),
    ("under its own key", "egyptian_id=29001011234567 status=ok", ["29001011234567"]),
    ("in JSON as a text", '{"egyptian_id": "29001011234567", "ok": true}', ["29001011234567"]),
    ("in JSON as a number", '{"egyptian_id":29001011234567,"ok":true}', ["29001011234567"]),
    ("mistyped under its own key", "egyptian_id=29013011234567", ["29013011234567"]),
    ("under a key that others share", '"national_id":"29001011234567"', ["29001011234567"]),
    ("no such number under a shared key", "national_id=29013011234567", []),
    ("under a key that says nothing", "xq7=29001011234567", ["29001011234567"]),
    ("alone in a line", "retry 29001011234567 failed", ["29001011234567"]),
    ("no such number behind its word", "الرقم القومي 29013011234567", []),
    ("an order as long", "order_id=29001011234567", []),
    ("an order between the word and the number", "الرقم القومي missing for order 29001011234567", []),
    ("a part of something longer", "pod-x29001011234567-7f9c and job_29001011234567_x7", []),
    ("a count", "read 29001011234567 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
    ("a compact timestamp", "took off 20201123194741", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(EG_NATIONAL_ID, text) == values
