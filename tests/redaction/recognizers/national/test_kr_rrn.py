"""Resident registration numbers by date and check digit. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.kr_rrn import KR_RRN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "resident registration number 9703051123455 rejected", ["9703051123455"]),
    ("in a sentence of the country", "주민등록번호 9703051123455 오류", ["9703051123455"]),
    ("under a key that says nothing", "xq7=9703051123455", ["9703051123455"]),
    ("with nothing around it", "got 9703051123455 today", ["9703051123455"]),
    ("as it is written", "got 970305-1123455 today", ["970305-1123455"]),
    ("under its own key", "jumin_number=9703051123455", ["9703051123455"]),
    ("mistyped under its own key", "jumin_number=9713051123455", ["9713051123455"]),
    ("under a key that others share", "id_number=9703051123455", ["9703051123455"]),
    ("mistyped under a key that others share", "id_number=9713051123455", []),
    ("in JSON", '{"juminNumber":"9703051123455","ok":true}', ["9703051123455"]),
    ("as a number in JSON", '{"jumin_number": 9703051123455}', ["9703051123455"]),
    ("random digits since 2020, beside its word", "주민번호 200305-3123450 확인", ["200305-3123450"]),
    ("the reference of a payment", "rrn=432198765012", []),
    ("under the same key", "rrn=9703051123455", ["9703051123455"]),
    ("behind the same word", "their RRN is 9703051123455", ["9703051123455"]),
    ("the reference of a payment behind it", "RRN 432198765012", []),
    ("a foreigner's", "got 970305-5123458", []),
    ("no such month", "got 971305-1123455", []),
    ("milliseconds since 1970", "kbx=1705011234560", []),
    ("a wrong one beside its word", "resident registration number 9713051123455 rejected", []),
    ("an order", "order_id=9703051123455", []),
    ("a block", "blk_9703051123455 replicated", []),
    ("in a path", "GET /api/v1/orders/9703051123455/items", []),
    ("part of something longer", "resident registration number 970305112345577777", []),
    ("in a trace id", "trace=9f86d0819703051123455884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KR_RRN, text) == values
