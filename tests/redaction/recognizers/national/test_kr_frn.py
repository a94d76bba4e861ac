"""Foreigner registration numbers by date and check digit. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.kr_frn import KR_FRN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "foreigner registration number 9703055123458 rejected", ["9703055123458"]),
    ("in a sentence of the country", "외국인등록번호 9703055123458 오류", ["9703055123458"]),
    ("under a key that says nothing", "xq7=9703055123458", ["9703055123458"]),
    ("with nothing around it", "got 9703055123458 today", ["9703055123458"]),
    ("as it is written", "got 970305-5123458 today", ["970305-5123458"]),
    ("under its own key", "foreigner_registration_number=9703055123458", ["9703055123458"]),
    ("mistyped under its own key", "foreigner_registration_number=9703055123459", ["9703055123459"]),
    ("under a key that others share", "id_number=9703055123458", ["9703055123458"]),
    ("mistyped under a key that others share", "id_number=9703055123459", []),
    ("in JSON", '{"foreignerRegistrationNumber":"9703055123458","ok":true}', ["9703055123458"]),
    ("as a number in JSON", '{"foreigner_registration_number": 9703055123458}', ["9703055123458"]),
    ("a citizen's", "got 970305-1123455", []),
    ("a wrong one beside its word", "foreigner registration number 9703055123459 rejected", []),
    ("an order", "order_id=9703055123458", []),
    ("a block", "blk_9703055123458 replicated", []),
    ("in a path", "GET /api/v1/orders/9703055123458/items", []),
    ("part of something longer", "foreigner registration number 970305512345877777", []),
    ("in a trace id", "trace=9f86d0819703055123458884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KR_FRN, text) == values
