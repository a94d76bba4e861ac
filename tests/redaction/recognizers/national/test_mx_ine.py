"""Voter cards of Mexico by the elector's key and the numbers on the back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.mx_ine import MX_INE

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "clave_elector=BPNRBG42051519H505", ["BPNRBG42051519H505"]),
    ("in JSON, quoted", '{"clave_elector":"BPNRBG42051519H505","status":"ok"}', ["BPNRBG42051519H505"]),
    ("at the end of a longer key", "customer.clave_elector: BPNRBG42051519H505", ["BPNRBG42051519H505"]),
    ("in small letters under its key", "clave_elector=bpnrbg42051519h505", ["bpnrbg42051519h505"]),
    ("under documento, which others share", "documento=BPNRBG42051519H505", ["BPNRBG42051519H505"]),
    ("under ine, which others share", "ine=BPNRBG42051519H505", ["BPNRBG42051519H505"]),
    ("behind its word", "clave de elector BPNRBG42051519H505", ["BPNRBG42051519H505"]),
    ("in a sentence", "credencial INE con clave BPNRBG42051519H505 vencida", ["BPNRBG42051519H505"]),
    ("under a key that says nothing", "xq7=BPNRBG42051519H505", ["BPNRBG42051519H505"]),
    ("with nothing around it", "got BPNRBG42051519H505 from partner", ["BPNRBG42051519H505"]),
    ("CIC under its key", "cic=123456789", ["123456789"]),
    ("the number on the back", "ocr_ine: 1234567890123", ["1234567890123"]),
    ("an order", "order_id=BPNRBG42051519H505", []),
    ("a size", "read BPNRBG42051519H505 bytes", []),
    ("a trace", "trace=BPNRBG42051519H505", []),
    ("a piece of a name", "pod-BPNRBG42051519H505-x7k2p /v1/BPNRBG42051519H505/items", []),
    ("no day", "got BPNRBG42051399H505 from", []),
    ("no month", "got BPNRBG42991519H505 from", []),
    ("no state", "got BPNRBG42051566H505 from", []),
    ("no sex", "got BPNRBG42051519X505 from", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MX_INE, text) == values
