"""Kenyan identity numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ke_national_id import KE_NATIONAL_ID

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "Kenyan ID 28417369", ["28417369"]),
    ("in a sentence of its country", "kitambulisho chake ni 28417369", ["28417369"]),
    ("under its own key", "kenya_id=28417369 status=ok", ["28417369"]),
    ("in JSON as a text", '{"kenya_id": "28417369", "ok": true}', ["28417369"]),
    ("in JSON as a number", '{"kenya_id":28417369,"ok":true}', ["28417369"]),
    ("under a key that says nothing", "xq7=28417369", []),
    ("alone in a line", "retry 28417369 failed", []),
    ("an order as long", "order_id=28417369", []),
    ("an order between the word and the number", "Kenyan ID missing for order 28417369", []),
    ("a part of something longer", "pod-x28417369-7f9c and job_28417369_x7", []),
    ("a count", "read 28417369 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KE_NATIONAL_ID, text) == values
