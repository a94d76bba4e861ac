"""Nigerian bank account numbers (NUBAN)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ng_nuban import NG_NUBAN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NUBAN 3048175624", ["3048175624"]),
    ("in a sentence of its country", "pay into NUBAN number 3048175624 today", ["3048175624"]),
    ("under its own key", "nuban=3048175624 status=ok", ["3048175624"]),
    ("in JSON as a text", '{"nuban": "3048175624", "ok": true}', ["3048175624"]),
    ("in JSON as a number", '{"nuban":3048175624,"ok":true}', ["3048175624"]),
    ("under a key that others share", '"account_number":"3048175624"', ["3048175624"]),
    ("under a key that says nothing", "xq7=3048175624", []),
    ("alone in a line", "retry 3048175624 failed", []),
    ("an order as long", "order_id=3048175624", []),
    ("an order between the word and the number", "NUBAN missing for order 3048175624", []),
    ("a part of something longer", "pod-x3048175624-7f9c and job_3048175624_x7", []),
    ("a count", "read 3048175624 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(NG_NUBAN, text) == values
