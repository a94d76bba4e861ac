"""Voter ids by form, beside a word or a key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.in_voter import IN_VOTER

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "voter id WKH1186287 rejected", ["WKH1186287"]),
    ("in a sentence of the country", "मतदाता EPIC WKH1186287 मिला", ["WKH1186287"]),
    ("under a key that says nothing", "xq7=WKH1186287", []),
    ("with nothing around it", "got WKH1186287 today", []),
    ("under its own key", "epic_no=WKH1186287", ["WKH1186287"]),
    ("mistyped under its own key", "epic_no=WK11186288", ["WK11186288"]),
    ("under a key that others share", "id_number=WKH1186287", ["WKH1186287"]),
    ("mistyped under a key that others share", "id_number=WK11186288", []),
    ("in JSON", '{"epicNo":"WKH1186287","ok":true}', ["WKH1186287"]),
    ("in small letters under its key", "epic_no=wkh1186287", ["wkh1186287"]),
    ("a change request of the same form", "see CHG0012345", []),
    ("an incident under a key", "incident=INC0012344", []),
    ("a wrong one beside its word", "voter id WK11186288 rejected", []),
    ("an order", "order_id=WKH1186287", []),
    ("a block", "blk_WKH1186287 replicated", []),
    ("in a path", "GET /api/v1/orders/WKH1186287/items", []),
    ("part of something longer", "voter id WKH1186287ZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081wkh1186287884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IN_VOTER, text) == values
