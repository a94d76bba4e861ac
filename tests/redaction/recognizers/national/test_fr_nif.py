"""French tax numbers of people (numéro fiscal, SPI)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.fr_nif import FR_NIF

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "numéro fiscal 3023217600053", ["3023217600053"]),
    ("in a sentence of its country", "le numéro fiscal 3023217600053 est inconnu", ["3023217600053"]),
    ("under its own key", "numero_fiscal=3023217600053 status=ok", ["3023217600053"]),
    ("in JSON as a text", '{"numero_fiscal": "3023217600053", "ok": true}', ["3023217600053"]),
    ("in JSON as a number", '{"numero_fiscal":3023217600053,"ok":true}', ["3023217600053"]),
    ("mistyped under its own key", "numero_fiscal=3023217600054", ["3023217600054"]),
    ("under a key that others share", '"tax_id":"3023217600053"', ["3023217600053"]),
    ("no such number under a shared key", "tax_id=3023217600054", []),
    ("under a key that says nothing", "xq7=3023217600053", ["3023217600053"]),
    ("alone in a line", "retry 3023217600053 failed", ["3023217600053"]),
    ("no such number behind its word", "numéro fiscal 3023217600054", []),
    ("an order as long", "order_id=3023217600053", []),
    ("an order between the word and the number", "numéro fiscal missing for order 3023217600053", []),
    ("a part of something longer", "pod-x3023217600053-7f9c and job_3023217600053_x7", []),
    ("a count", "read 3023217600053 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(FR_NIF, text) == values
