"""RIF by its letter, check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ve_rif import VE_RIF

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "rif=J309272926", ["J309272926"]),
    ("in JSON, quoted", '{"rif":"J309272926","status":"ok"}', ["J309272926"]),
    ("at the end of a longer key", "customer.rif: J309272926", ["J309272926"]),
    ("in small letters under its key", "rif=j309272926", ["j309272926"]),
    ("mistyped under its key", "rif=J309272923", ["J309272923"]),
    ("under tax_id, which others share", "tax_id=J309272926", ["J309272926"]),
    ("under documento, which others share", "documento=J309272926", ["J309272926"]),
    ("under tax_id, not valid", "tax_id=J309272923", []),
    ("behind its word", "RIF J309272926", ["J309272926"]),
    ("in a sentence", "empresa con RIF J309272926 no declara", ["J309272926"]),
    ("as it is written", "x J-30927292-6 y", ["J-30927292-6"]),
    ("written with a wrong check digit", "x J-30927292-3 y", []),
    ("under a key that says nothing", "xq7=J309272926", ["J309272926"]),
    ("with nothing around it", "got J309272926 from partner", ["J309272926"]),
    ("another check digit", "xq7=J309272923 got J309272923 from partner", []),
    ("an order", "order_id=J309272926", []),
    ("a size", "read J309272926 bytes", []),
    ("a trace", "trace=J309272926", []),
    ("a piece of a name", "pod-J309272926-x7k2p /v1/J309272926/items", []),
    ("a letter that is none", "xq7=X309272922", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(VE_RIF, text) == values
