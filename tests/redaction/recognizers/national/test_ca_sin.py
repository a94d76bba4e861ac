"""SIN by its check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ca_sin import CA_SIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "sin_number=231504697", ["231504697"]),
    ("in JSON, quoted", '{"sin_number":"231504697","status":"ok"}', ["231504697"]),
    ("in JSON, as a number", '{"sin_number": 231504697, "status": "ok"}', ["231504697"]),
    ("at the end of a longer key", "customer.sin_number: 231504697", ["231504697"]),
    ("mistyped under its key", "sin_number=231504698", ["231504698"]),
    ("under sin, which others share", "sin=231504697", ["231504697"]),
    ("under tax_id, which others share", "tax_id=231504697", ["231504697"]),
    ("under sin, not valid", "sin=231504698", []),
    ("behind its word", "social insurance number 231504697", ["231504697"]),
    ("in a sentence", "numéro assurance sociale 231504697 refusé", ["231504697"]),
    ("in groups behind its word", "social insurance number 231-504-697", ["231-504-697"]),
    ("under a key that says nothing", "xq7=231504697", ["231504697"]),
    ("with nothing around it", "got 231504697 from partner", []),
    ("another check digit", "xq7=231504698 got 231504698 from partner", []),
    ("an order", "order_id=231504697", []),
    ("a size", "read 231504697 bytes", []),
    ("a trace", "trace=231504697", []),
    ("a piece of a name", "pod-231504697-x7k2p /v1/231504697/items", []),
    ("longer by a digit", "xq7=2315046977 social insurance number=x", []),
    ("without, in Spanish", "sin respuesta 231504697", []),
    ("in capitals", "SIN is 123 456 782", ["123 456 782"]),
    ("the Spanish word", "sin 123456782", []),
    ("in capitals, one digit wrong", "SIN 123456783", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CA_SIN, text) == values
