"""NIC old and new. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.lk_nic import LK_NIC

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "NIC 198534000937 rejected", ["198534000937"]),
    ("in a sentence of the country", "NIC අංකය 198534000937", ["198534000937"]),
    ("under a key that says nothing", "xq7=198534000937", ["198534000937"]),
    ("with nothing around it", "got 198534000937 today", []),
    ("under its own key", "nic_no=198534000937", ["198534000937"]),
    ("mistyped under its own key", "nic_no=198590000937", ["198590000937"]),
    ("under a key that others share", "nic=198534000937", ["198534000937"]),
    ("mistyped under a key that others share", "nic=198590000937", []),
    ("in JSON", '{"nicNo":"198534000937","ok":true}', ["198534000937"]),
    ("as a number in JSON", '{"nic_no": 198534000937}', ["198534000937"]),
    ("before 2016", "got NIC 853400937V", ["853400937V"]),
    ("before 2016, small letters under its key", "nic=853400937v", ["853400937v"]),
    ("before 2016, under an unknown key", "xq7=853400937V", ["853400937V"]),
    ("a day that no year has", "xq7=853990937V", []),
    ("a network card", "nic=eth0", []),
    ("a date and a time", "kbx=202511231015", []),
    ("a wrong one beside its word", "NIC 198590000937 rejected", []),
    ("an order", "order_id=198534000937", []),
    ("a block", "blk_198534000937 replicated", []),
    ("in a path", "GET /api/v1/orders/198534000937/items", []),
    ("part of something longer", "NIC 19853400093777777", []),
    ("in a trace id", "trace=9f86d081198534000937884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(LK_NIC, text) == values
