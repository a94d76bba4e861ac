"""NRIC and FIN by their check letter. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.sg_nric_fin import SG_NRIC_FIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "NRIC S1234567D rejected", ["S1234567D"]),
    ("in a sentence of the country", "the customer with NRIC S1234567D called", ["S1234567D"]),
    ("under a key that says nothing", "xq7=S1234567D", ["S1234567D"]),
    ("with nothing around it", "got S1234567D today", ["S1234567D"]),
    ("under its own key", "nric=S1234567D", ["S1234567D"]),
    ("mistyped under its own key", "nric=S1234567A", ["S1234567A"]),
    ("under a key that others share", "id_number=S1234567D", ["S1234567D"]),
    ("mistyped under a key that others share", "id_number=S1234567A", []),
    ("in JSON", '{"nric":"S1234567D","ok":true}', ["S1234567D"]),
    ("in small letters under its key", "nric=s1234567d", ["s1234567d"]),
    ("born since 2000", "got T1234567J", ["T1234567J"]),
    ("foreigners", "got F1234567N and G1234567X", ["F1234567N", "G1234567X"]),
    ("foreigners since 2022", "got M1234567K", ["M1234567K"]),
    ("another first letter", "got A1234567D", []),
    ("a wrong one beside its word", "NRIC S1234567A rejected", []),
    ("an order", "order_id=S1234567D", []),
    ("a block", "blk_S1234567D replicated", []),
    ("in a path", "GET /api/v1/orders/S1234567D/items", []),
    ("part of something longer", "NRIC S1234567DZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081s1234567d884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(SG_NRIC_FIN, text) == values
