"""PhilHealth and Pag-IBIG numbers beside their word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ph_philhealth import PH_PHILHEALTH

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "PhilHealth 123456789012 rejected", ["123456789012"]),
    ("in a sentence of the country", "PhilHealth ng miyembro 123456789012", ["123456789012"]),
    ("under a key that says nothing", "xq7=123456789012", []),
    ("with nothing around it", "got 123456789012 today", []),
    ("under its own key", "philhealth_no=123456789012", ["123456789012"]),
    ("in JSON", '{"philhealthNo":"123456789012","ok":true}', ["123456789012"]),
    ("as a number in JSON", '{"philhealth_no": 123456789012}', ["123456789012"]),
    ("as it is written, beside its word", "PhilHealth 12-345678901-2 lapsed", ["12-345678901-2"]),
    ("Pag-IBIG", "pagibig_mid=1234-5678-9012", ["1234-5678-9012"]),
    ("an order", "order_id=123456789012", []),
    ("a block", "blk_123456789012 replicated", []),
    ("in a path", "GET /api/v1/orders/123456789012/items", []),
    ("part of something longer", "PhilHealth 12345678901277777", []),
    ("in a trace id", "trace=9f86d081123456789012884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PH_PHILHEALTH, text) == values
