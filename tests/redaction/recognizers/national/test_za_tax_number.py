"""South African tax reference numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.za_tax_number import ZA_TAX_NUMBER

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "SARS 0249494162", ["0249494162"]),
    ("in a sentence of its country", "income tax number 0249494162 was not found at SARS", ["0249494162"]),
    ("behind a name with a word of diagnosis in it", "the tax reference number 0249494162 is", ["0249494162"]),
    ("under its own key", "sars_tax_number=0249494162 status=ok", ["0249494162"]),
    ("in JSON as a text", '{"sars_tax_number": "0249494162", "ok": true}', ["0249494162"]),
    ("mistyped under its own key", "sars_tax_number=0249494163", ["0249494163"]),
    ("under a key that others share", '"tax_number":"0249494162"', ["0249494162"]),
    ("no such number under a shared key", "tax_number=0249494163", []),
    ("under a key that says nothing", "xq7=0249494162", ["0249494162"]),
    ("alone in a line", "retry 0249494162 failed", []),
    ("no such number behind its word", "SARS 0249494163", []),
    ("an order as long", "order_id=0249494162", []),
    ("an order between the word and the number", "SARS missing for order 0249494162", []),
    ("a part of something longer", "pod-x0249494162-7f9c and job_0249494162_x7", []),
    ("a count", "read 0249494162 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ZA_TAX_NUMBER, text) == values
