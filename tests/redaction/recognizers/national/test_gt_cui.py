"""CUI by its check digit, municipality, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.gt_cui import GT_CUI

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "dpi=2747403701202", ["2747403701202"]),
    ("in JSON, quoted", '{"dpi":"2747403701202","status":"ok"}', ["2747403701202"]),
    ("in JSON, as a number", '{"dpi": 2747403701202, "status": "ok"}', ["2747403701202"]),
    ("at the end of a longer key", "customer.dpi: 2747403701202", ["2747403701202"]),
    ("mistyped under its key", "dpi=2747403711202", ["2747403711202"]),
    ("under documento, which others share", "documento=2747403701202", ["2747403701202"]),
    ("under documento, not valid", "documento=2747403711202", []),
    ("behind its word", "DPI 2747403701202", ["2747403701202"]),
    ("in a sentence", "el cliente con DPI 2747403701202 no existe", ["2747403701202"]),
    ("as it is written", "x 2747 40370 1202 y", ["2747 40370 1202"]),
    ("under a key that says nothing", "xq7=2747403701202", ["2747403701202"]),
    ("with nothing around it", "got 2747403701202 from partner", ["2747403701202"]),
    ("one that reads as milliseconds, behind its word", "CUI 1985800101105", ["1985800101105"]),
    ("another check digit", "xq7=2747403711202 got 2747403711202 from partner", []),
    ("an order", "order_id=2747403701202", []),
    ("a size", "read 2747403701202 bytes", []),
    ("a trace", "trace=2747403701202", []),
    ("a piece of a name", "pod-2747403701202-x7k2p /v1/2747403701202/items", []),
    ("longer by a digit", "xq7=27474037012027 DPI=x", []),
    ("one that reads as milliseconds, under a key", "xq7=1985800101105", ["1985800101105"]),
    ("one that reads as milliseconds, alone", "saw 1985800101105 again", []),
    ("a municipality that is none", "xq7=2747403701299", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(GT_CUI, text) == values
