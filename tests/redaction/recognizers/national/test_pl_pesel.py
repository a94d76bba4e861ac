"""Polish person numbers (PESEL)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pl_pesel import PL_PESEL

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "PESEL 44051401359", ["44051401359"]),
    ("in a sentence of its country", "numer PESEL klienta 44051401359 jest błędny", ["44051401359"]),
    ("under its own key", "pesel=44051401359 status=ok", ["44051401359"]),
    ("in JSON as a text", '{"pesel": "44051401359", "ok": true}', ["44051401359"]),
    ("in JSON as a number", '{"pesel":44051401359,"ok":true}', ["44051401359"]),
    ("mistyped under its own key", "pesel=44051401358", ["44051401358"]),
    ("under a key that others share", '"national_id":"44051401359"', ["44051401359"]),
    ("no such number under a shared key", "national_id=44051401358", []),
    ("under a key that says nothing", "xq7=44051401359", ["44051401359"]),
    ("alone in a line", "retry 44051401359 failed", ["44051401359"]),
    ("no such number behind its word", "PESEL 44051401358", []),
    ("an order as long", "order_id=44051401359", []),
    ("an order between the word and the number", "PESEL missing for order 44051401359", []),
    ("a part of something longer", "pod-x44051401359-7f9c and job_44051401359_x7", []),
    ("a count", "read 44051401359 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PL_PESEL, text) == values
