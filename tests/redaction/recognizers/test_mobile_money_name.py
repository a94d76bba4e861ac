"""Names beside the numbers of mobile money."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.mobile_money_name import MOBILE_MONEY_NAME

TABLE: list[tuple[str, str, list[str]]] = [
    ("before the number", "Ksh2,000.00 sent to ANA WANJIKU 0722123456 on 30/11/26", ["ANA WANJIKU"]),
    ("in Swahili", "Tsh5,000.00 kutoka kwa ASHA MUSHI, 0755123456", ["ASHA MUSHI"]),
    ("behind the number", "UGX 5,000 to 0772123456, OKELLO JAMES.", ["OKELLO JAMES"]),
    ("no number", "Ksh100.00 paid to NAIVAS SUPERMARKET on 1/2/26", []),
    ("a thing", "Ksh100.00 paid to PAYMENTS API 0722123456", []),
    ("no money", "sent to ANA WANJIKU 0722123456", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(text: str, values: list[str], finds: Callable[..., list[str]]) -> None:
    assert [value.rstrip(".") for value in finds(MOBILE_MONEY_NAME, text)] == values
