"""Moroccan identity cards (CIN, CNIE)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ma_cin import MA_CIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "CIN BK482716", ["BK482716"]),
    ("in a sentence of its country", "la CIN du client BK482716 est expirée", ["BK482716"]),
    ("as people write it", "CIN: BK 482716", ["BK 482716"]),
    ("under its own key", "cin=BK482716 status=ok", ["BK482716"]),
    ("in JSON as a text", '{"cin": "BK482716", "ok": true}', ["BK482716"]),
    ("in small letters under its key", "cin=bk482716", ["bk482716"]),
    ("under a key that says nothing", "xq7=BK482716", []),
    ("alone in a line", "retry BK482716 failed", []),
    ("an order as long", "order_id=BK482716", []),
    ("an order between the word and the number", "CIN missing for order BK482716", []),
    ("a part of something longer", "pod-xBK482716-7f9c and job_BK482716_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MA_CIN, text) == values
