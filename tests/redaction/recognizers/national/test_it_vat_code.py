"""Italian VAT numbers (partita IVA), of people in business too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.it_vat_code import IT_VAT_CODE

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "partita IVA 00743110157", ["00743110157"]),
    ("in a sentence of its country", "la partita IVA 00743110157 è cessata", ["00743110157"]),
    ("as people write it", "partita IVA: IT00743110157", ["IT00743110157"]),
    ("under its own key", "partita_iva=00743110157 status=ok", ["00743110157"]),
    ("in JSON as a text", '{"partita_iva": "00743110157", "ok": true}', ["00743110157"]),
    ("mistyped under its own key", "partita_iva=00743110158", ["00743110158"]),
    ("under a key that others share", '"vat_number":"00743110157"', ["00743110157"]),
    ("no such number under a shared key", "vat_number=00743110158", []),
    ("under a key that says nothing", "xq7=00743110157", []),
    ("alone in a line", "retry 00743110157 failed", []),
    ("no such number behind its word", "partita IVA 00743110158", []),
    ("an order as long", "order_id=00743110157", []),
    ("an order between the word and the number", "partita IVA missing for order 00743110157", []),
    ("a part of something longer", "pod-x00743110157-7f9c and job_00743110157_x7", []),
    ("a count", "read 00743110157 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IT_VAT_CODE, text) == values
