"""CRN of the UMID beside their word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ph_umid import PH_UMID

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "UMID 011112345671 rejected", ["011112345671"]),
    ("in a sentence of the country", "UMID ng miyembro 011112345671", ["011112345671"]),
    ("under a key that says nothing", "xq7=011112345671", []),
    ("with nothing around it", "got 011112345671 today", []),
    ("under its own key", "umid=011112345671", ["011112345671"]),
    ("in JSON", '{"umid":"011112345671","ok":true}', ["011112345671"]),
    ("as it is written, beside its word", "CRN 0111-1234567-1 found", ["0111-1234567-1"]),
    ("another system's crn", "crn:v1:bluemix:public:x", []),
    ("an order", "order_id=011112345671", []),
    ("a block", "blk_011112345671 replicated", []),
    ("in a path", "GET /api/v1/orders/011112345671/items", []),
    ("part of something longer", "UMID 01111234567177777", []),
    ("in a trace id", "trace=9f86d081011112345671884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PH_UMID, text) == values
