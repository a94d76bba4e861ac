"""Korean driver licences by region, beside a word or a key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.kr_driver_license import KR_DRIVER_LICENSE

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "운전면허번호 119012345678 rejected", ["119012345678"]),
    ("in a sentence of the country", "고객 면허번호 119012345678 확인", ["119012345678"]),
    ("under a key that says nothing", "xq7=119012345678", []),
    ("with nothing around it", "got 119012345678 today", []),
    ("under its own key", "korean_driver_license=119012345678", ["119012345678"]),
    ("mistyped under its own key", "korean_driver_license=999012345678", ["999012345678"]),
    ("under a key that others share", "license_number=119012345678", ["119012345678"]),
    ("mistyped under a key that others share", "license_number=999012345678", []),
    ("in JSON", '{"koreanDriverLicense":"119012345678","ok":true}', ["119012345678"]),
    ("as a number in JSON", '{"korean_driver_license": 119012345678}', ["119012345678"]),
    ("as it is written, beside its word", "운전면허 11-90-123456-78 확인", ["11-90-123456-78"]),
    ("the form alone", "run 11-90-123456-78", []),
    ("a wrong one beside its word", "운전면허번호 999012345678 rejected", []),
    ("an order", "order_id=119012345678", []),
    ("a block", "blk_119012345678 replicated", []),
    ("in a path", "GET /api/v1/orders/119012345678/items", []),
    ("part of something longer", "운전면허번호 11901234567877777", []),
    ("in a trace id", "trace=9f86d081119012345678884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KR_DRIVER_LICENSE, text) == values
