"""Names of passwords in several words and in other scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.secret_phrase import SECRET_PHRASE

TABLE: list[tuple[str, str, list[str]]] = [
    ("French", "mot de passe : hunter2!x", ["hunter2!x"]),
    ("Indonesian", "Kata Sandi: gizli99#", ["gizli99#"]),
    ("Vietnamese", "mật khẩu: abc123!", ["abc123!"]),
    ("Vietnamese without marks", "mat khau = abc123!", ["abc123!"]),
    ("Arabic", "كلمة المرور: abc123", ["abc123"]),
    ("Hindi", "पासवर्ड: abc123! next", ["abc123!"]),
    ("Bengali", "পাসওয়ার্ড=abc123", ["abc123"]),
    ("Thai, quoted", 'รหัสผ่าน: "abc 123" next', ["abc 123"]),
    ("English in words", "api key: hunter2abc", ["hunter2abc"]),
    ("Swahili", "neno la siri: abc123", ["abc123"]),
    ("prose about it", "mot de passe oublié; api key missing; access key: not found", []),
    ("another key", "sort key: customer_id, primary key: id, the key: rotate often", []),
    ("exports of Vietnam", "xuất khẩu: 500 tấn", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(SECRET_PHRASE, text) == values


def test_never_kept() -> None:
    assert not SECRET_PHRASE.restorable
