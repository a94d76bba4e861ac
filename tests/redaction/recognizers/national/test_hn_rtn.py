"""RTN by municipality and year, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.hn_rtn import HN_RTN

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "rtn=05011986352543", ["05011986352543"]),
    ("in JSON, quoted", '{"rtn":"05011986352543","status":"ok"}', ["05011986352543"]),
    ("in JSON, as a number", '{"rtn": 5011986352543, "status": "ok"}', ["5011986352543"]),
    ("at the end of a longer key", "customer.rtn: 05011986352543", ["05011986352543"]),
    ("mistyped under its key", "rtn=05991986352543", ["05991986352543"]),
    ("under tax_id, which others share", "tax_id=05011986352543", ["05011986352543"]),
    ("under tax_id, not valid", "tax_id=05991986352543", []),
    ("behind its word", "RTN 05011986352543", ["05011986352543"]),
    ("in a sentence", "empresa con RTN 05011986352543 omisa", ["05011986352543"]),
    ("as it is written", "x 0501-1986-352543 y", ["0501-1986-352543"]),
    ("under a key that says nothing", "xq7=05011986352543", ["05011986352543"]),
    ("with nothing around it", "got 05011986352543 from partner", ["05011986352543"]),
    ("a company's", "xq7=08019995012345", ["08019995012345"]),
    ("another check digit", "xq7=05991986352543 got 05991986352543 from partner", []),
    ("an order", "order_id=05011986352543", []),
    ("a size", "read 05011986352543 bytes", []),
    ("a trace", "trace=05011986352543", []),
    ("a piece of a name", "pod-05011986352543-x7k2p /v1/05011986352543/items", []),
    ("longer by a digit", "xq7=050119863525437 RTN=x", []),
    ("a date with seconds", "xq7=20261123194741", []),
    ("a year that is none", "xq7=05013386352543", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(HN_RTN, text) == values
