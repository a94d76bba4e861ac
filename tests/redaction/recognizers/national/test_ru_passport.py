"""Russian internal passports."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ru_passport import RU_PASSPORT

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "паспортные данные 4508123456", ["4508123456"]),
    ("in a sentence of its country", "паспорт серии и номера 4508123456 недействителен", ["4508123456"]),
    ("as people write it, 1", "паспортные данные: 4508 123456", ["4508 123456"]),
    ("as people write it, 2", "паспортные данные: 45 08 123456", ["45 08 123456"]),
    ("under its own key", "паспортные_данные=4508123456 status=ok", ["4508123456"]),
    ("in JSON as a text", '{"паспортные_данные": "4508123456", "ok": true}', ["4508123456"]),
    ("in JSON as a number", '{"паспортные_данные":4508123456,"ok":true}', ["4508123456"]),
    ("under a word of letters that all look Latin", "{'паспорт': '3508 186435', 'ok': False}", ["3508 186435"]),
    ("under a key that says nothing", "xq7=4508123456", []),
    ("alone in a line", "retry 4508123456 failed", []),
    ("an order as long", "order_id=4508123456", []),
    ("an order between the word and the number", "паспортные данные missing for order 4508123456", []),
    ("a part of something longer", "pod-x4508123456-7f9c and job_4508123456_x7", []),
    ("a count", "read 4508123456 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(RU_PASSPORT, text) == values
