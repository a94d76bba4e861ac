"""Nigerian taxpayer numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ng_tin import NG_TIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "TIN 2014857306", ["2014857306"]),
    ("in a sentence of its country", "FIRS says the TIN is 2014857306", ["2014857306"]),
    ("as people write it", "TIN: 20148573-0001", ["20148573-0001"]),
    ("under its own key", "jtb_tin=2014857306 status=ok", ["2014857306"]),
    ("in JSON as a text", '{"jtb_tin": "2014857306", "ok": true}', ["2014857306"]),
    ("in JSON as a number", '{"jtb_tin":2014857306,"ok":true}', ["2014857306"]),
    ("under a key that says nothing", "xq7=2014857306", []),
    ("alone in a line", "retry 2014857306 failed", []),
    ("an order as long", "order_id=2014857306", []),
    ("an order between the word and the number", "TIN missing for order 2014857306", []),
    ("a part of something longer", "pod-x2014857306-7f9c and job_2014857306_x7", []),
    ("a count", "read 2014857306 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(NG_TIN, text) == values
