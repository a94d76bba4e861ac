"""Ethiopian taxpayer numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.et_tin import ET_TIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "TIN 0048573629", ["0048573629"]),
    ("in a sentence of its country", "ERCA has no TIN 0048573629 on file", ["0048573629"]),
    ("under its own key", "erca_tin=0048573629 status=ok", ["0048573629"]),
    ("in JSON as a text", '{"erca_tin": "0048573629", "ok": true}', ["0048573629"]),
    ("under a key that says nothing", "xq7=0048573629", []),
    ("alone in a line", "retry 0048573629 failed", []),
    ("an order as long", "order_id=0048573629", []),
    ("an order between the word and the number", "TIN missing for order 0048573629", []),
    ("a part of something longer", "pod-x0048573629-7f9c and job_0048573629_x7", []),
    ("a count", "read 0048573629 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ET_TIN, text) == values
