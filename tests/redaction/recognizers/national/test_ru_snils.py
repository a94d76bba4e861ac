"""Russian social security numbers (СНИЛС)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ru_snils import RU_SNILS

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "СНИЛС 11223344595", ["11223344595"]),
    ("in a sentence of its country", "СНИЛС заявителя 11223344595 указан неверно", ["11223344595"]),
    ("as people write it", "СНИЛС: 112-233-445 95", ["112-233-445 95"]),
    ("under its own key", "snils=11223344595 status=ok", ["11223344595"]),
    ("in JSON as a text", '{"snils": "11223344595", "ok": true}', ["11223344595"]),
    ("in JSON as a number", '{"snils":11223344595,"ok":true}', ["11223344595"]),
    ("mistyped under its own key", "snils=11223344596", ["11223344596"]),
    ("under a key that says nothing", "xq7=11223344595", ["11223344595"]),
    ("alone in a line", "retry 11223344595 failed", ["11223344595"]),
    ("no such number behind its word", "СНИЛС 11223344596", []),
    ("an order as long", "order_id=11223344595", []),
    ("an order between the word and the number", "СНИЛС missing for order 11223344595", []),
    ("a part of something longer", "pod-x11223344595-7f9c and job_11223344595_x7", []),
    ("a count", "read 11223344595 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(RU_SNILS, text) == values
