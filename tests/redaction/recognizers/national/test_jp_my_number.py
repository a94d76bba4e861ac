"""My Numbers by their check digit and words. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.jp_my_number import JP_MY_NUMBER

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "My Number 648391052743 rejected", ["648391052743"]),
    ("in a sentence of the country", "マイナンバー 648391052743 が一致しません", ["648391052743"]),
    ("under a key that says nothing", "xq7=648391052743", ["648391052743"]),
    ("with nothing around it", "got 648391052743 today", []),
    ("as it is written", "got 6483 9105 2743 today", ["6483 9105 2743"]),
    ("under its own key", "my_number=648391052743", ["648391052743"]),
    ("mistyped under its own key", "my_number=648391052744", ["648391052744"]),
    ("in JSON", '{"myNumber":"648391052743","ok":true}', ["648391052743"]),
    ("as a number in JSON", '{"my_number": 648391052743}', ["648391052743"]),
    ("its name as key", '{"マイナンバー":"648391052744"}', ["648391052744"]),
    ("four groups", "cells 6483 9105 2743 1180", []),
    ("date and time in twelve digits", "kbx=251123101535", []),
    ("a wrong one beside its word", "My Number 648391052744 rejected", []),
    ("an order", "order_id=648391052743", []),
    ("a block", "blk_648391052743 replicated", []),
    ("in a path", "GET /api/v1/orders/648391052743/items", []),
    ("part of something longer", "My Number 64839105274377777", []),
    ("in a trace id", "trace=9f86d081648391052743884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(JP_MY_NUMBER, text) == values
