"""Russian taxpayer numbers (ИНН)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ru_inn import RU_INN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "ИНН 123456789047", ["123456789047"]),
    ("in a sentence of its country", "ИНН клиента 123456789047 не найден", ["123456789047"]),
    ("under its own key", "ru_inn=123456789047 status=ok", ["123456789047"]),
    ("in JSON as a text", '{"ru_inn": "123456789047", "ok": true}', ["123456789047"]),
    ("in JSON as a number", '{"ru_inn":123456789047,"ok":true}', ["123456789047"]),
    ("mistyped under its own key", "ru_inn=123456789037", ["123456789037"]),
    ("under a key that others share", '"tax_id":"123456789047"', ["123456789047"]),
    ("no such number under a shared key", "tax_id=123456789037", []),
    ("under a key that says nothing", "xq7=123456789047", ["123456789047"]),
    ("alone in a line", "retry 123456789047 failed", ["123456789047"]),
    ("no such number behind its word", "ИНН 123456789037", []),
    ("an order as long", "order_id=123456789047", []),
    ("an order between the word and the number", "ИНН missing for order 123456789047", []),
    ("a part of something longer", "pod-x123456789047-7f9c and job_123456789047_x7", []),
    ("a count", "read 123456789047 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
    ("of a company", "ИНН 7707083893", ["7707083893"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(RU_INN, text) == values
