"""CMND beside its word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.vn_cmnd import VN_CMND

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "CMND 024567891 rejected", ["024567891"]),
    ("in a sentence of the country", "chứng minh nhân dân 024567891", ["024567891"]),
    ("under a key that says nothing", "xq7=024567891", []),
    ("with nothing around it", "got 024567891 today", []),
    ("under its own key", "cmnd=024567891", ["024567891"]),
    ("in JSON", '{"cmnd":"024567891","ok":true}', ["024567891"]),
    ("twelve digits under its key", "so_cmnd=079190001234", ["079190001234"]),
    ("an order", "order_id=024567891", []),
    ("a block", "blk_024567891 replicated", []),
    ("in a path", "GET /api/v1/orders/024567891/items", []),
    ("part of something longer", "CMND 02456789177777", []),
    ("in a trace id", "trace=9f86d081024567891884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(VN_CMND, text) == values
