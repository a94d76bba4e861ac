"""Egyptian tax registration numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.eg_tax_number import EG_TAX_NUMBER

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "tax registration number 412785036", ["412785036"]),
    ("in a sentence of its country", "الرقم الضريبي 412785036", ["412785036"]),
    ("as people write it", "tax registration number: 412-785-036", ["412-785-036"]),
    ("under its own key", "tax_registration_number=412785036 status=ok", ["412785036"]),
    ("in JSON as a text", '{"tax_registration_number": "412785036", "ok": true}', ["412785036"]),
    ("in JSON as a number", '{"tax_registration_number":412785036,"ok":true}', ["412785036"]),
    ("under a key that says nothing", "xq7=412785036", []),
    ("alone in a line", "retry 412785036 failed", []),
    ("an order as long", "order_id=412785036", []),
    ("an order between the word and the number", "tax registration number missing for order 412785036", []),
    ("a part of something longer", "pod-x412785036-7f9c and job_412785036_x7", []),
    ("a count", "read 412785036 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(EG_TAX_NUMBER, text) == values
