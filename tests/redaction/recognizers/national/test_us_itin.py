"""ITIN by its groups, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.us_itin import US_ITIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "itin=987707994", ["987707994"]),
    ("in JSON, quoted", '{"itin":"987707994","status":"ok"}', ["987707994"]),
    ("in JSON, as a number", '{"itin": 987707994, "status": "ok"}', ["987707994"]),
    ("at the end of a longer key", "customer.itin: 987707994", ["987707994"]),
    ("mistyped under its key", "itin=987487994", ["987487994"]),
    ("under tax_id, which others share", "tax_id=987707994", ["987707994"]),
    ("under ssn, which others share", "ssn=987707994", ["987707994"]),
    ("under tax_id, not valid", "tax_id=987487994", []),
    ("behind its word", "ITIN 987707994", ["987707994"]),
    ("in a sentence", "applicant has ITIN 987707994 on file", ["987707994"]),
    ("as it is written", "x 987-70-7994 y", ["987-70-7994"]),
    ("in groups behind its word", "ITIN 987 70 7994", ["987 70 7994"]),
    ("in groups, without a word", "x 987 70 7994 y", []),
    ("written with a group that is none", "x 987-48-7994 y", []),
    ("under a key that says nothing", "xq7=987707994", []),
    ("with nothing around it", "got 987707994 from partner", []),
    ("another check digit", "xq7=987487994 got 987487994 from partner", []),
    ("an order", "order_id=987707994", []),
    ("a size", "read 987707994 bytes", []),
    ("a trace", "trace=987707994", []),
    ("a piece of a name", "pod-987707994-x7k2p /v1/987707994/items", []),
    ("longer by a digit", "xq7=9877079947 ITIN=x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(US_ITIN, text) == values
