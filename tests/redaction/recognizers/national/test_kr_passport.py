"""Korean passports by form, beside a word or a key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.kr_passport import KR_PASSPORT

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "passport M123A4567 rejected", ["M123A4567"]),
    ("in a sentence of the country", "고객 여권번호 M123A4567 확인", ["M123A4567"]),
    ("under a key that says nothing", "xq7=M123A4567", []),
    ("with nothing around it", "got M123A4567 today", []),
    ("under its own key", "korean_passport=M123A4567", ["M123A4567"]),
    ("mistyped under its own key", "korean_passport=X123A4567", ["X123A4567"]),
    ("under a key that others share", "passport_number=M123A4567", ["M123A4567"]),
    ("mistyped under a key that others share", "passport_number=X123A4567", []),
    ("in JSON", '{"koreanPassport":"M123A4567","ok":true}', ["M123A4567"]),
    ("in small letters under its key", "korean_passport=m123a4567", ["m123a4567"]),
    ("before 2021", "여권번호=M12345678", ["M12345678"]),
    ("a wrong one beside its word", "passport X123A4567 rejected", []),
    ("an order", "order_id=M123A4567", []),
    ("a block", "blk_M123A4567 replicated", []),
    ("in a path", "GET /api/v1/orders/M123A4567/items", []),
    ("part of something longer", "passport M123A4567ZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081m123a4567884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KR_PASSPORT, text) == values
