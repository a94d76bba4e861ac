"""RFC by its date, its vowel or check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.mx_rfc import MX_RFC

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "rfc=FOTP401212EG5", ["FOTP401212EG5"]),
    ("in JSON, quoted", '{"rfc":"FOTP401212EG5","status":"ok"}', ["FOTP401212EG5"]),
    ("at the end of a longer key", "customer.rfc: FOTP401212EG5", ["FOTP401212EG5"]),
    ("in small letters under its key", "rfc=fotp401212eg5", ["fotp401212eg5"]),
    ("under tax_id, which others share", "tax_id=FOTP401212EG5", ["FOTP401212EG5"]),
    ("behind its word", "RFC FOTP401212EG5", ["FOTP401212EG5"]),
    ("in a sentence", "el receptor con RFC FOTP401212EG5 no es válido", ["FOTP401212EG5"]),
    ("under a key that says nothing", "xq7=FOTP401212EG5", ["FOTP401212EG5"]),
    ("with nothing around it", "got FOTP401212EG5 from partner", ["FOTP401212EG5"]),
    ("a company", "rfc del emisor ABC680524P76", ["ABC680524P76"]),
    ("an ampersand under its key", "rfc=A&B680524P76", ["A&B680524P76"]),
    ("without the last three under its key", "rfc=FOTP401212", ["FOTP401212"]),
    ("in groups behind its word", "RFC FOTP-401212-EG5", ["FOTP-401212-EG5"]),
    ("an order", "order_id=FOTP401212EG5", []),
    ("a size", "read FOTP401212EG5 bytes", []),
    ("a trace", "trace=FOTP401212EG5", []),
    ("a piece of a name", "pod-FOTP401212EG5-x7k2p /v1/FOTP401212EG5/items", []),
    ("no month", "got FOTP401312EG5 from", []),
    ("a company's check digit that is wrong", "got ABC680524P77 from", []),
    ("a serial number", "got SNX680599P76 from", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MX_RFC, text) == values
