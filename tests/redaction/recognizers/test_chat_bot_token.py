"""Tokens of chat bots."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.chat_bot_token import CHAT_BOT_TOKEN

SECRET = "HdqTcvCH1vGWJxfSeofSAs0K5PALDsaw5"
TELEGRAM = "1234567890:" + "AA" + SECRET
DISCORD = "MT" + "A1b2C3d4E5f6G7h8I9j0K1L2" + ".GhIjKl." + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9"
TABLE: list[tuple[str, str, list[str]]] = [
    ("Telegram", f"bot {TELEGRAM} blocked", [TELEGRAM]),
    ("Telegram in a path", f"/bot{TELEGRAM}/getMe", [TELEGRAM]),
    ("Telegram behind an escaped line break", rf"a\n{TELEGRAM}\nb", [TELEGRAM]),
    ("Discord", f'"{DISCORD}"', [DISCORD]),
    ("Discord behind an escaped line break", rf"a\n{DISCORD}\nb", [DISCORD]),
    ("a number and something else", f"12:AA{SECRET}", []),
    ("an epoch in front", f"1764000000123456:AA{SECRET}", []),
    ("a package", "com.example.MTheLongNameOfSomeModule.module.TheVeryLongNameOfSomeClassInside", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CHAT_BOT_TOKEN, text) == values


def test_never_kept() -> None:
    assert not CHAT_BOT_TOKEN.restorable
