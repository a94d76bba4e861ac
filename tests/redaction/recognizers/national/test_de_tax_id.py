"""German tax numbers of people (Steuer-ID)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.de_tax_id import DE_TAX_ID

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "Steuer-ID 36574261809", ["36574261809"]),
    (
        "in a sentence of its country",
        "die Steueridentifikationsnummer lautet 36574261809 laut Bescheid",
        ["36574261809"],
    ),
    ("as people write it", "Steuer-ID: 36 574 261 809", ["36 574 261 809"]),
    ("under its own key", "steuer_id=36574261809 status=ok", ["36574261809"]),
    ("in JSON as a text", '{"steuer_id": "36574261809", "ok": true}', ["36574261809"]),
    ("in JSON as a number", '{"steuer_id":36574261809,"ok":true}', ["36574261809"]),
    ("mistyped under its own key", "steuer_id=36574261890", ["36574261890"]),
    ("under a key that others share", '"tax_id":"36574261809"', ["36574261809"]),
    ("no such number under a shared key", "tax_id=36574261890", []),
    ("under a key that says nothing", "xq7=36574261809", ["36574261809"]),
    ("alone in a line", "retry 36574261809 failed", ["36574261809"]),
    ("no such number behind its word", "Steuer-ID 36574261890", []),
    ("an order as long", "order_id=36574261809", []),
    ("an order between the word and the number", "Steuer-ID missing for order 36574261809", []),
    ("a part of something longer", "pod-x36574261809-7f9c and job_36574261809_x7", []),
    ("a count", "read 36574261809 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(DE_TAX_ID, text) == values
