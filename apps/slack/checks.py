"""Whether the app could do its work: asked of Slack, and changing nothing."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass

from ...core.errors import BackendError
from .telling import SlackParts
from .words import say


@dataclass(frozen=True)
class Checked:
    """Something that was asked, and how it is."""

    what: str
    is_ok: bool
    told: str


def checks(parts: SlackParts) -> list[Checked]:
    """The token and every listed channel."""
    return [_token(parts), _pictures(), *_channels(parts)]


def _pictures() -> Checked:
    if importlib.util.find_spec("PIL") is None:
        return Checked(
            "charts", False, "Pillow is missing: they are in the whole report only; install `opswarden[slack]`"
        )
    return Checked("charts", True, "shown in the thread")


def _token(parts: SlackParts) -> Checked:
    try:
        found = parts.api.call("auth.test", {})
    except BackendError as error:
        return Checked("token", False, f"{error.message}; {error.remedy}")
    if found.get("team_id") != parts.settings.workspace:
        return Checked("token", False, "it is of another workspace than `slack.workspace`")
    return Checked("token", True, "accepted")


def _channels(parts: SlackParts) -> Iterator[Checked]:
    for name, channel in parts.settings.channels.items():
        what = f"channel {name}"
        try:
            found = parts.api.call("conversations.info", {"channel": channel.id}).get("channel") or {}
        except BackendError as error:
            yield Checked(what, False, f"{error.message}; {error.remedy}")
            continue
        if found.get("is_member") is not True:
            yield Checked(what, False, "the app is not in it; invite it")
        elif parts.access.of_channel(channel.id, fresh=True):
            yield Checked(what, False, say("en", "shared_channel"))
        elif channel.automatic:
            yield Checked(what, True, f"alerts of at least severity {channel.floor} are triaged by themselves")
        else:
            yield Checked(what, True, "triage on request")
