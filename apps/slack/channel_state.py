"""How a channel stands: whether alerts are triaged by themselves, and what was told in it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ..installation import Installation
from .book import Book
from .settings import ChannelSettings
from .words import say

_LENGTH = re.compile(r"(\d{1,3})\s*(m|min|h|d)?")
_UNITS = {"m": 1, "min": 1, "h": 60, "d": 1440}
_LONGEST_MUTE = timedelta(days=14)


def told_of_channel(
    installation: Installation,
    book: Book,
    channel: ChannelSettings,
    user: str,
    verb: str,
    rest: list[str],
    at: datetime,
) -> str:
    """What a channel is told of itself.

    Args:
        installation: whose approvals are counted.
        book: what was told in channels.
        channel: the channel.
        user: who asks, by Slack's id.
        verb: `status`, `mute`, `unmute` or `help`.
        rest: how long.
        at: when they asked: whoever works it off a second time, or late, mutes no longer than was wanted.
    """
    language = channel.language
    if verb == "help":
        return say(language, "help")
    if verb == "mute":
        length = _LENGTH.fullmatch("".join(rest) or "1h")
        minutes = int(length[1]) * _UNITS[length[2] or "h"] if length else 60
        book.mute(channel.id, at + min(timedelta(minutes=minutes), _LONGEST_MUTE), user, at)
    elif verb == "unmute":
        book.mute(channel.id, at, user, at)
    until = book.muted_until(channel.id)
    if until is not None:
        state = say(language, "muted", until=f"{until:%Y-%m-%d %H:%M} UTC")
    else:
        state = say(language, "unmuted" if channel.automatic and not channel.mute else "not_automatic")
    if verb != "status":
        return state
    usage = book.usage(channel.id)
    counted = say(
        language,
        "status",
        told=usage["told"],
        waiting=len([each for each in installation.approvals.records(state="pending") if each.verb == "call"]),
        right=usage["useful"],
        partly=usage["partly"],
        wrong=usage["wrong"],
        mutes=usage["muted"],
    )
    return f"{state} {counted}"
