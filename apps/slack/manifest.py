"""The app as Slack is told of it: what it listens to, and the least it may do."""

from __future__ import annotations

from typing import Any

from .receiving import COMMAND, SHORTCUT
from .settings import SlackSettings

SCOPES: dict[str, str] = {
    "app_mentions:read": "to be asked by a mention",
    "channels:history": "to find a message of its own again, and to read the alerts of listed bots",
    "channels:read": "to see whether a channel is shared with others",
    "chat:write": "to speak",
    "commands": "for the command and the shortcut",
    "files:write": "to share a whole report",
    "groups:history": "as `channels:history`, in private channels",
    "groups:read": "as `channels:read`, in private channels",
    "users:read": "to tell members from guests, bots and deactivated people",
}
"""Scopes of the bot token, and what each is for."""


def manifest(settings: SlackSettings, address: str | None) -> dict[str, Any]:
    """The manifest of the app (docs.slack.dev, "App manifest reference").

    Args:
        settings: whether alerts of bots are read.
        address: where `opswarden serve` is reached from outside, `https://host[:port]`; `None` for Socket Mode.
    """
    url = {} if address is None else {"url": f"{address.rstrip('/')}/slack/events"}
    request_url = {f"request_{name}": text for name, text in url.items()}
    events = ["app_mention"]
    if any(channel.alert_bots for channel in settings.channels.values()):
        events += ["message.channels", "message.groups"]
    return {
        "display_information": {
            "name": "opswarden",
            "description": "Triages incidents and asks before it changes anything.",
            "background_color": "#1f2933",
        },
        "features": {
            "bot_user": {"display_name": "opswarden", "always_online": True},
            "shortcuts": [
                {
                    "name": "Triage this",
                    "type": "message",
                    "callback_id": SHORTCUT,
                    "description": "Triage what this message is about.",
                }
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    **url,
                    "description": "Triage a service, or ask about this channel.",
                    "usage_hint": "triage NAME | status | mute 2h | unmute | help",
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": events},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": address is None,
            "token_rotation_enabled": False,
        },
    }
