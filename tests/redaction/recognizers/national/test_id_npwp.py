"""NPWP old and new. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.id_npwp import ID_NPWP

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "NPWP 013000666091000 rejected", ["013000666091000"]),
    ("in a sentence of the country", "nomor NPWP wajib pajak 013000666091000", ["013000666091000"]),
    ("under a key that says nothing", "xq7=013000666091000", ["013000666091000"]),
    ("with nothing around it", "got 013000666091000 today", []),
    ("as it is written", "got 01.300.066.6-091.000 today", ["01.300.066.6-091.000"]),
    ("under its own key", "npwp=013000666091000", ["013000666091000"]),
    ("mistyped under its own key", "npwp=013000667091000", ["013000667091000"]),
    ("under a key that others share", "tax_id=013000666091000", ["013000666091000"]),
    ("mistyped under a key that others share", "tax_id=013000667091000", []),
    ("in JSON", '{"npwp":"013000666091000","ok":true}', ["013000666091000"]),
    ("since 2024, with a zero in front", "npwp=0013000666091000", ["0013000666091000"]),
    ("a branch that cannot be", "xq7=013000666091700", []),
    ("with a zero in front, under an unknown key", "xq7=0013000666091000", ["0013000666091000"]),
    ("a wrong one beside its word", "NPWP 013000667091000 rejected", []),
    ("an order", "order_id=013000666091000", []),
    ("a block", "blk_013000666091000 replicated", []),
    ("in a path", "GET /api/v1/orders/013000666091000/items", []),
    ("part of something longer", "NPWP 01300066609100077777", []),
    ("in a trace id", "trace=9f86d081013000666091000884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ID_NPWP, text) == values
