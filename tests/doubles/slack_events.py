"""A double of the side of Slack that calls us: signed requests, at most 3 s of patience, retries as documented."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from opswarden.core.clock import FixedClock

from .slack_server import APP_ID, WORKSPACE

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
PATIENCE_S = 3.0
_RETRIES = ((1, 0.0), (2, 60.0), (3, 300.0))

Post = Callable[[bytes, Mapping[str, str]], tuple[int, bytes, Mapping[str, str]]]
"""Hands a request to the application: body and headers; status, body and headers of its answer."""


@dataclass(frozen=True)
class Delivered:
    """How a delivery went, tries included."""

    statuses: tuple[int, ...]
    body: bytes


class SlackEvents:
    """Sends what Slack sends.

    Args:
        post: the application.
        clock: dates the signatures, counts the patience, and is moved on between retries.
        secret: that requests are signed with.
        workspace: whose they are.
    """

    def __init__(self, post: Post, clock: FixedClock, secret: str = SECRET, workspace: str = WORKSPACE) -> None:
        self._post = post
        self._clock = clock
        self._secret = secret
        self._workspace = workspace
        self._number = 0

    def signed(self, body: bytes, kind: str = "application/json", **more: str) -> dict[str, str]:
        """The headers of a request."""
        stamp = str(int(self._clock.now().timestamp()))
        proof = hmac.new(self._secret.encode(), b"v0:" + stamp.encode() + b":" + body, "sha256").hexdigest()
        return {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={proof}",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }

    def verify_url(self) -> bytes:
        """What is sent when an operator enters the address."""
        body = json.dumps({"token": "x", "challenge": "3eZbrw1aB10", "type": "url_verification"}).encode()
        return self._post(body, self.signed(body))[1]

    def event(self, event: Mapping[str, Any], event_id: str = "") -> Delivered:
        """An event, again while it is not acknowledged in time."""
        self._number += 1
        wrapped = {
            "token": "x", "team_id": self._workspace, "api_app_id": APP_ID, "type": "event_callback",
            "event": dict(event),
            "event_id": event_id or f"Ev{self._number:08d}", "event_time": int(self._clock.now().timestamp()),
            "authorizations": [{"team_id": self._workspace, "user_id": "UBOT00001", "is_bot": True}],
        }  # fmt: skip
        body = json.dumps(wrapped).encode()
        statuses = []
        headers: dict[str, str] = {}
        for number, wait_s in ((0, 0.0), *_RETRIES):
            self._clock.advance(wait_s)
            more = {"X_Slack_Retry_Num": str(number), "X_Slack_Retry_Reason": "http_timeout"} if number else {}
            before = self._clock.monotonic()
            status, answer, headers = self._post(body, self.signed(body, **more))
            in_time = self._clock.monotonic() - before <= PATIENCE_S
            statuses.append(status if in_time else 0)
            if (status < 300 and in_time) or headers.get("x-slack-no-retry") == "1":
                break
        return Delivered(tuple(statuses), answer)

    def press(self, user: str, channel: str, message_ts: str, action_id: str, value: str, **more: Any) -> Delivered:
        """A button of a message; a menu with `selected`."""
        self._number += 1
        action: dict[str, Any] = {"action_id": action_id, "block_id": "b", "type": "button", "value": value}
        if "selected" in more:
            action = {"action_id": action_id, "block_id": "b", "type": "static_select"}
            action["selected_option"] = {"value": more.pop("selected")}
        action["action_ts"] = f"{self._clock.now().timestamp():.0f}.{self._number:06d}"
        payload = {
            "type": "block_actions", "api_app_id": APP_ID, "team": {"id": self._workspace, "domain": "double"},
            "user": {"id": user, "team_id": self._workspace}, "channel": {"id": channel, "name": "x"},
            "container": {"type": "message", "message_ts": message_ts, "channel_id": channel},
            "message": {"ts": message_ts, **({"thread_ts": more.pop("thread_ts")} if "thread_ts" in more else {})},
            "trigger_id": f"trigger.{self._number}", "response_url": "https://hooks.slack.test/x", "actions": [action],
            **more,
        }  # fmt: skip
        return self.form({"payload": json.dumps(payload)})

    def shortcut(self, user: str, channel: str, message: Mapping[str, Any]) -> Delivered:
        """The shortcut of a message."""
        self._number += 1
        payload = {
            "type": "message_action", "callback_id": "opswarden.triage", "trigger_id": f"trigger.{self._number}",
            "team": {"id": self._workspace}, "user": {"id": user}, "channel": {"id": channel, "name": "x"},
            "api_app_id": APP_ID, "message_ts": message["ts"], "message": dict(message),
            "action_ts": f"{self._clock.now().timestamp():.0f}.{self._number:06d}",
        }  # fmt: skip
        return self.form({"payload": json.dumps(payload)})

    def command(self, user: str, channel: str, text: str) -> Delivered:
        """A slash command."""
        self._number += 1
        fields = {
            "token": "x", "team_id": self._workspace, "channel_id": channel, "user_id": user, "command": "/opswarden",
            "text": text, "api_app_id": APP_ID, "trigger_id": f"trigger.{self._number}",
            "response_url": "https://hooks.slack.test/x",
        }  # fmt: skip
        return self.form(fields)

    def form(self, fields: Mapping[str, str]) -> Delivered:
        """A form, signed; Slack does not send interactions again."""
        body = urlencode(fields).encode()
        status, answer, _ = self._post(body, self.signed(body, "application/x-www-form-urlencoded"))
        return Delivered((status,), answer)
