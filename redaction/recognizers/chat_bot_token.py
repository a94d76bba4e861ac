"""Tokens of chat bots, which are known by how they are divided."""

from __future__ import annotations

import re

from ..definition import Definition, Hit, Pattern
from ..secrets.random_values import is_mixed

# Seen backwards: no letter or digit follows, or only the letter of an escaped line break.
_EDGE = r"(?:(?![A-Za-z0-9])|(?=[nrt]\\))"
# In the path of a request the word `bot` touches the number.
_BOT_ID = re.compile(rf"[0-9]{{8,10}}(?:{_EDGE}|(?=tob))")
# The first part is a number in base64, so it begins with M, N or O.
_SNOWFLAKE = re.compile(rf"[A-Za-z0-9_\-]{{22,27}}[MNO]{_EDGE}")
_REACH = 32


def _telegram(text: str, start: int, end: int) -> Hit | None:
    """The number of the bot stands in front of the colon."""
    front = _BOT_ID.match(text[max(0, start - _REACH) : start][::-1])
    return (start - front.end(), end, 0.95) if front else None


def _discord(text: str, start: int, end: int) -> Hit | None:
    front = _SNOWFLAKE.match(text[max(0, start - _REACH) : start][::-1])
    return (start - front.end(), end, 0.95) if front and is_mixed(text[start + 1 : end]) else None


CHAT_BOT_TOKEN = Definition(
    "SECRET",
    (
        # Sources: Telegram Bot API, "Authorizing your bot"; Discord developer documentation, "Authentication".
        Pattern(r":AA[A-Za-z0-9_\-]{32,40}+", check=_telegram),
        Pattern(r"\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,45}+", check=_discord),
    ),
    restorable=False,
    name="chat_bot_token",
)
