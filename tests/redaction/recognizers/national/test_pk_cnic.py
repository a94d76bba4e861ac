"""CNIC by its form, or beside a word. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pk_cnic import PK_CNIC

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "CNIC 3520112345671 rejected", ["3520112345671"]),
    ("in a sentence of the country", "شناختی کارڈ 3520112345671 غلط", ["3520112345671"]),
    ("under a key that says nothing", "xq7=3520112345671", []),
    ("with nothing around it", "got 3520112345671 today", []),
    ("as it is written", "got 35201-1234567-1 today", ["35201-1234567-1"]),
    ("under its own key", "cnic=3520112345671", ["3520112345671"]),
    ("mistyped under its own key", "cnic=8520112345671", ["8520112345671"]),
    ("under a key that others share", "id_number=3520112345671", ["3520112345671"]),
    ("mistyped under a key that others share", "id_number=8520112345671", []),
    ("in JSON", '{"cnic":"3520112345671","ok":true}', ["3520112345671"]),
    ("as a number in JSON", '{"cnic": 3520112345671}', ["3520112345671"]),
    ("a wrong province in the form", "got 85201-1234567-1", []),
    ("inside a longer chain", "job 2024-35201-1234567-1", []),
    ("a wrong one beside its word", "CNIC 8520112345671 rejected", []),
    ("an order", "order_id=3520112345671", []),
    ("a block", "blk_3520112345671 replicated", []),
    ("in a path", "GET /api/v1/orders/3520112345671/items", []),
    ("part of something longer", "CNIC 352011234567177777", []),
    ("in a trace id", "trace=9f86d0813520112345671884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PK_CNIC, text) == values
