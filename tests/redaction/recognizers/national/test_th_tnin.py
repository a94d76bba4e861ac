"""Thai ids by their check digit and form. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.th_tnin import TH_TNIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "citizen id 3760700123456 rejected", ["3760700123456"]),
    ("in a sentence of the country", "เลขบัตรประชาชน 3760700123456 ไม่ถูกต้อง", ["3760700123456"]),
    ("under a key that says nothing", "xq7=3760700123456", ["3760700123456"]),
    ("with nothing around it", "got 3760700123456 today", []),
    ("as it is written", "got 3-7607-00123-45-6 today", ["3-7607-00123-45-6"]),
    ("under its own key", "citizen_id=3760700123456", ["3760700123456"]),
    ("mistyped under its own key", "citizen_id=3760700123457", ["3760700123457"]),
    ("under a key that others share", "national_id=3760700123456", ["3760700123456"]),
    ("mistyped under a key that others share", "national_id=3760700123457", []),
    ("in JSON", '{"citizenId":"3760700123456","ok":true}', ["3760700123456"]),
    ("as a number in JSON", '{"citizen_id": 3760700123456}', ["3760700123456"]),
    ("milliseconds since 1970", "kbx=1764000000006", []),
    ("the same digits beside the word", "Thai ID 1764000000006", ["1764000000006"]),
    ("the longer name", "ใช้ เลขประจำตัวประชาชน 3760700123456", ["3760700123456"]),
    ("a wrong one beside its word", "citizen id 3760700123457 rejected", []),
    ("an order", "order_id=3760700123456", []),
    ("a block", "blk_3760700123456 replicated", []),
    ("in a path", "GET /api/v1/orders/3760700123456/items", []),
    ("part of something longer", "citizen id 376070012345677777", []),
    ("in a trace id", "trace=9f86d0813760700123456884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(TH_TNIN, text) == values
