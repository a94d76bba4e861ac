"""Family cards beside their word or key. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.id_kk import ID_KK

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "nomor KK 3171010506120007 rejected", ["3171010506120007"]),
    ("in a sentence of the country", "kartu keluarga 3171010506120007 sudah ada", ["3171010506120007"]),
    ("under a key that says nothing", "xq7=3171010506120007", []),
    ("with nothing around it", "got 3171010506120007 today", []),
    ("under its own key", "no_kk=3171010506120007", ["3171010506120007"]),
    ("in JSON", '{"noKk":"3171010506120007","ok":true}', ["3171010506120007"]),
    ("as a number in JSON", '{"no_kk": 3171010506120007}', ["3171010506120007"]),
    ("mistyped under its key", "nomor_kk=9971019906120007", ["9971019906120007"]),
    ("a NIK beside its own word", "NIK 3171015708890002", []),
    ("an order", "order_id=3171010506120007", []),
    ("a block", "blk_3171010506120007 replicated", []),
    ("in a path", "GET /api/v1/orders/3171010506120007/items", []),
    ("part of something longer", "nomor KK 317101050612000777777", []),
    ("in a trace id", "trace=9f86d0813171010506120007884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ID_KK, text) == values
