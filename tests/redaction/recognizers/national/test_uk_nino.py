"""British national insurance numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.uk_nino import UK_NINO

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NINO AB123456C", ["AB123456C"]),
    ("in a sentence of its country", "his National Insurance number is AB123456C as stated", ["AB123456C"]),
    ("as people write it", "NINO: AB 12 34 56 C", ["AB 12 34 56 C"]),
    ("under its own key", "nino=AB123456C status=ok", ["AB123456C"]),
    ("in JSON as a text", '{"nino": "AB123456C", "ok": true}', ["AB123456C"]),
    ("in small letters under its key", "nino=ab123456c", ["ab123456c"]),
    ("mistyped under its own key", "nino=BG123456C", ["BG123456C"]),
    ("under a key that others share", '"national_id":"AB123456C"', ["AB123456C"]),
    ("no such number under a shared key", "national_id=BG123456C", []),
    ("under a key that says nothing", "xq7=AB123456C", ["AB123456C"]),
    ("alone in a line", "retry AB123456C failed", []),
    ("no such number behind its word", "NINO BG123456C", []),
    ("an order as long", "order_id=AB123456C", []),
    ("an order between the word and the number", "NINO missing for order AB123456C", []),
    ("a part of something longer", "pod-xAB123456C-7f9c and job_AB123456C_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(UK_NINO, text) == values
