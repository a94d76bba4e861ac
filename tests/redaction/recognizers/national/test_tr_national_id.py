"""TCKN by its two check digits. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.tr_national_id import TR_NATIONAL_ID

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "TC kimlik no 52984173638 rejected", ["52984173638"]),
    ("in a sentence of the country", "müşterinin kimlik numarası 52984173638 hatalı", ["52984173638"]),
    ("under a key that says nothing", "xq7=52984173638", ["52984173638"]),
    ("with nothing around it", "got 52984173638 today", ["52984173638"]),
    ("under its own key", "tc_kimlik_no=52984173638", ["52984173638"]),
    ("mistyped under its own key", "tc_kimlik_no=52984173639", ["52984173639"]),
    ("under a key that others share", "tckn_vkn=52984173638", ["52984173638"]),
    ("mistyped under a key that others share", "tckn_vkn=52984173639", []),
    ("in JSON", '{"tcKimlikNo":"52984173638","ok":true}', ["52984173638"]),
    ("as a number in JSON", '{"tc_kimlik_no": 52984173638}', ["52984173638"]),
    ("as people say it", "T.C. Kimlik No: 52984173638", ["52984173638"]),
    ("with its accents as key", "kimlik_numarası=52984173639", ["52984173639"]),
    ("a number of a parcel", "tracking 52984173638", []),
    ("a wrong one beside its word", "TC kimlik no 52984173639 rejected", []),
    ("an order", "order_id=52984173638", []),
    ("a block", "blk_52984173638 replicated", []),
    ("in a path", "GET /api/v1/orders/52984173638/items", []),
    ("part of something longer", "TC kimlik no 5298417363877777", []),
    ("in a trace id", "trace=9f86d08152984173638884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(TR_NATIONAL_ID, text) == values
