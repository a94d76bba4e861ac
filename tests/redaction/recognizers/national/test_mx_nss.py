"""NSS by its check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.mx_nss import MX_NSS

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "nss=35079191389", ["35079191389"]),
    ("in JSON, quoted", '{"nss":"35079191389","status":"ok"}', ["35079191389"]),
    ("in JSON, as a number", '{"nss": 35079191389, "status": "ok"}', ["35079191389"]),
    ("at the end of a longer key", "customer.nss: 35079191389", ["35079191389"]),
    ("mistyped under its key", "nss=35079191380", ["35079191380"]),
    ("under documento, which others share", "documento=35079191389", ["35079191389"]),
    ("under documento, not valid", "documento=35079191380", []),
    ("behind its word", "NSS 35079191389", ["35079191389"]),
    ("in a sentence", "trabajador con número de seguridad social 35079191389 dado de baja", ["35079191389"]),
    ("in groups behind its word", "NSS 35-07-91-9138-9", ["35-07-91-9138-9"]),
    ("under a key that says nothing", "xq7=35079191389", ["35079191389"]),
    ("with nothing around it", "got 35079191389 from partner", []),
    ("another check digit", "xq7=35079191380 got 35079191380 from partner", []),
    ("an order", "order_id=35079191389", []),
    ("a size", "read 35079191389 bytes", []),
    ("a trace", "trace=35079191389", []),
    ("a piece of a name", "pod-35079191389-x7k2p /v1/35079191389/items", []),
    ("longer by a digit", "xq7=350791913897 NSS=x", []),
    ("registered at five", "zone_hint=35353091388", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MX_NSS, text) == values
