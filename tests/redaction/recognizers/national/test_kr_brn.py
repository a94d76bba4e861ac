"""Business registration numbers by their check digit. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.kr_brn import KR_BRN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "사업자등록번호 1234567891 rejected", ["1234567891"]),
    ("in a sentence of the country", "가맹점 사업자번호 1234567891 확인", ["1234567891"]),
    ("under a key that says nothing", "xq7=2208162517", ["2208162517"]),
    ("under a key that holds a word", "zone_hint=2208162517", []),
    ("with nothing around it", "got 1234567891 today", []),
    ("as it is written", "got 123-45-67891 today", ["123-45-67891"]),
    ("under its own key", "brn_no=1234567891", ["1234567891"]),
    ("mistyped under its own key", "brn_no=1234567892", ["1234567892"]),
    ("under a key that others share", "business_registration_number=1234567891", ["1234567891"]),
    ("mistyped under a key that others share", "business_registration_number=1234567892", []),
    ("in JSON", '{"brnNo":"1234567891","ok":true}', ["1234567891"]),
    ("as a number in JSON", '{"brn_no": 1234567891}', ["1234567891"]),
    ("a wrong check digit in the form", "got 123-45-67892", []),
    ("a wrong one beside its word", "사업자등록번호 1234567892 rejected", []),
    ("an order", "order_id=1234567891", []),
    ("a block", "blk_1234567891 replicated", []),
    ("in a path", "GET /api/v1/orders/1234567891/items", []),
    ("part of something longer", "사업자등록번호 123456789177777", []),
    ("in a trace id", "trace=9f86d0811234567891884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KR_BRN, text) == values
