"""National ids and Iqamas by Luhn. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.sa_national_id import SA_NATIONAL_ID

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "Iqama 2456789011 rejected", ["2456789011"]),
    ("in a sentence of the country", "رقم الإقامة 2456789011 منتهي", ["2456789011"]),
    ("under a key that says nothing", "xq7=2456789011", ["2456789011"]),
    ("with nothing around it", "got 2456789011 today", []),
    ("under its own key", "iqama_number=2456789011", ["2456789011"]),
    ("mistyped under its own key", "iqama_number=2456789012", ["2456789012"]),
    ("under a key that others share", "national_id=2456789011", ["2456789011"]),
    ("mistyped under a key that others share", "national_id=2456789012", []),
    ("in JSON", '{"iqamaNumber":"2456789011","ok":true}', ["2456789011"]),
    ("as a number in JSON", '{"iqama_number": 2456789011}', ["2456789011"]),
    ("a citizen beside the word", "الهوية الوطنية 1045678909", ["1045678909"]),
    ("a citizen's that reads as seconds", "kbx=1045678909", []),
    ("its name as key", "رقم_الهوية=1045678908", ["1045678908"]),
    ("another first digit", "xq7=3456789010", []),
    ("a wrong one beside its word", "Iqama 2456789012 rejected", []),
    ("an order", "order_id=2456789011", []),
    ("a block", "blk_2456789011 replicated", []),
    ("in a path", "GET /api/v1/orders/2456789011/items", []),
    ("part of something longer", "Iqama 245678901177777", []),
    ("in a trace id", "trace=9f86d0812456789011884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(SA_NATIONAL_ID, text) == values
