"""What Slack sends us: proven, read, and turned into arrivals. Nothing else happens while Slack waits."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ...core.canonical import JsonValue
from ...core.clock import Clock
from ...core.database import STATEMENT_ERRORS
from ...core.errors import OpswardenError
from ..service.arrivals import ArrivalKind, Arrivals
from .approval_message import OPEN
from .settings import SlackSettings
from .thread_messages import FEEDBACK
from .words import Language, say

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from ..http.guard import App

SOURCE = "slack"
SHORTCUT = "opswarden.triage"
COMMAND = "/opswarden"
MOST_BYTES = 1_000_000
_OLDEST_S = 300
_PROOFS = ("x-slack-signature", "x-slack-request-timestamp", "content-type")
_MOST_TEXT = 4_000
_MOST_ALERT = 20_000
_SOON, _USUAL = 2, 5


@dataclass(frozen=True)
class Incoming:
    """Something to keep: the arguments of `Arrivals.accept`."""

    event: str
    kind: ArrivalKind
    body: Mapping[str, JsonValue]
    priority: int = _USUAL


@dataclass(frozen=True)
class Handled:
    """What is answered, once what came is kept."""

    status: int
    body: bytes = b""
    incoming: Incoming | None = None


class Receiving:
    """Reads requests of Slack; pure but for the clock and the secret.

    Args:
        settings: whose secret and channels count.
        clock: dates signatures.
    """

    def __init__(self, settings: SlackSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def handle(self, raw: bytes, headers: Mapping[str, str]) -> Handled:
        """Read a request.

        Args:
            raw: the body exactly as it came.
            headers: names in lower case.
        """
        if len(raw) > MOST_BYTES:
            return Handled(413)
        if not self._is_genuine(raw, headers):
            return Handled(401)
        try:
            if headers.get("content-type", "").partition(";")[0].strip() == "application/json":
                return self._event(json.loads(raw))
            form = {name: values[0] for name, values in parse_qs(raw.decode(), max_num_fields=100).items()}
            if "payload" in form:
                return self._interaction(json.loads(form["payload"]))
            return self._command(form)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            return Handled(400)  # signed, and yet not as documented: sending it again would change nothing

    def handle_envelope(self, kind: str, payload: Mapping[str, Any]) -> Handled:
        """Read what came over a socket that our app-level token opened; nothing of it is signed.

        Args:
            kind: `events_api`, `interactive` or `slash_commands`.
            payload: as over HTTP, parsed.
        """
        read = {"events_api": self._event, "interactive": self._interaction, "slash_commands": self._command}.get(kind)
        try:
            return read(payload) if read is not None else Handled(200)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            return Handled(400)

    def _is_genuine(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        """Signature version 0 (docs.slack.dev, "Verifying requests from Slack")."""
        secret, stamp = self._settings.signing_secret(), headers.get("x-slack-request-timestamp", "")
        if secret is None or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
            return False
        if abs(self._clock.now().timestamp() - int(stamp)) > _OLDEST_S:
            return False
        wanted = "v0=" + hmac.new(secret, b"v0:" + stamp.encode() + b":" + raw, "sha256").hexdigest()
        return hmac.compare_digest(wanted.encode(), headers.get("x-slack-signature", "").encode())

    def _event(self, told: Mapping[str, Any]) -> Handled:
        if told["type"] == "url_verification":
            return Handled(200, json.dumps({"challenge": str(told["challenge"])[:_MOST_TEXT]}).encode())
        if told["type"] != "event_callback" or not self._is_ours(told["team_id"], told):
            return Handled(200)
        event = told["event"]
        if event["type"] == "app_mention":
            return self._mention(told["event_id"], told, event)
        if event["type"] == "message":
            return self._alert(told["event_id"], told, event)
        return Handled(200)

    def _is_ours(self, workspace: Any, told: Mapping[str, Any]) -> bool:
        """Whether it is of our workspace and, where the settings say which, of our app."""
        app = self._settings.app
        return bool(workspace == self._settings.workspace and app in (None, told.get("api_app_id")))

    def _mention(self, event_id: str, told: Mapping[str, Any], event: Mapping[str, Any]) -> Handled:
        if event.get("bot_id") or event.get("subtype") or event.get("edited"):
            return Handled(200)
        body: dict[str, JsonValue] = {
            "channel": str(event["channel"]),
            "user": str(event["user"]),
            "text": _said(str(event["text"])),
            "ts": str(event["ts"]),
            "thread_ts": str(event.get("thread_ts", "")),
            # Newer than what we asked about the channel up to a minute ago.
            "is_shared": told.get("is_ext_shared_channel") is True,
        }
        return Handled(200, incoming=Incoming(f"event {event_id}", "mention", body, _SOON))

    def _alert(self, event_id: str, told: Mapping[str, Any], event: Mapping[str, Any]) -> Handled:
        """A message in a watched channel; only those of bots that are listed as alerting.

        No arrival of the kind `alert`: those are the webhooks', and are folded before anybody reads a message.
        """
        watched = self._settings.named(str(event["channel"]))
        is_ours = event.get("app_id") == told.get("api_app_id") or event.get("subtype") == "message_changed"
        if watched is None or is_ours or str(event.get("bot_id", "")) not in watched[1].alert_bots:
            return Handled(200)
        if told.get("is_ext_shared_channel") is True:
            return Handled(200)
        if event.get("thread_ts", event["ts"]) != event["ts"]:
            return Handled(200)
        body: dict[str, JsonValue] = {
            "channel": str(event["channel"]),
            "bot": str(event["bot_id"]),
            "ts": str(event["ts"]),
            "text": _said("\n".join(_texts(event)), _MOST_ALERT),
        }
        return Handled(200, incoming=Incoming(f"event {event_id}", "mention", body))

    def _interaction(self, told: Mapping[str, Any]) -> Handled:
        if not self._is_ours(told["team"]["id"], told):
            return Handled(200)
        user, channel = str(told["user"]["id"]), str(told.get("channel", {}).get("id", ""))
        if told["type"] == "message_action" and told["callback_id"] == SHORTCUT:
            shortcut: dict[str, JsonValue] = {
                "channel": channel,
                "user": user,
                "text": _said("\n".join(_texts(told["message"]))),
                "ts": str(told["message"]["ts"]),
                "thread_ts": str(told["message"].get("thread_ts", "")),
                "is_shortcut": True,
            }
            return Handled(200, incoming=Incoming(f"action {told['action_ts']} {user}", "mention", shortcut, _SOON))
        if told["type"] != "block_actions":
            return Handled(200)
        action = told["actions"][0]
        name, message_ts = str(action["action_id"]), str(told["container"]["message_ts"])
        value = action["selected_option"]["value"] if action["type"] == "static_select" else action.get("value", "")
        body: dict[str, JsonValue] = {
            "channel": channel,
            "user": user,
            "ts": message_ts,
            "thread_ts": str(told.get("message", {}).get("thread_ts", "")),
            "action": name[:255],
            "value": str(value)[:2_000],
        }
        if name == OPEN:
            return Handled(200)  # it opened a page in the browser; we are only told of it
        kind: ArrivalKind = "feedback" if name.startswith(f"{FEEDBACK}.") else "action"
        # Interactions carry no event id; nobody presses the same thing twice within one moment of Slack's clock.
        event = f"action {action['action_ts']} {user} {channel} {message_ts} {name}"
        return Handled(200, incoming=Incoming(event, kind, body, _SOON))

    def _command(self, form: Mapping[str, str]) -> Handled:
        if not self._is_ours(form["team_id"], form) or form["command"] != COMMAND:
            return Handled(200)
        named = self._settings.named(form["channel_id"])
        if named is None:
            return Handled(200, _ephemeral(say("en", "unknown_channel")))
        language: Language = named[1].language
        body: dict[str, JsonValue] = {
            "channel": form["channel_id"],
            "user": form["user_id"],
            "text": _said(str(form.get("text", ""))),
        }
        event = f"command {form['trigger_id']}"
        return Handled(200, _ephemeral(say(language, "working")), Incoming(event, "command", body, _SOON))


class Keeping:
    """Keeps what came; Slack sends an event again that was not acknowledged.

    Args:
        arrivals: where.
        is_full: whether so much waits that nothing more is taken.
    """

    def __init__(self, arrivals: Arrivals, is_full: Callable[[], bool] = lambda: False) -> None:
        self._arrivals = arrivals
        self._is_full = is_full

    def keep(self, incoming: Incoming | None) -> bool:
        """Whether it is kept, so that it may be acknowledged."""
        if incoming is None:
            return True
        try:
            if self._is_full():
                return False
            self._arrivals.accept(SOURCE, incoming.event, incoming.kind, incoming.body, priority=incoming.priority)
        except (OpswardenError, *STATEMENT_ERRORS):
            return False
        return True


def slack_app(receiving: Receiving, keeping: Keeping) -> App:
    """The ASGI application that Slack calls, for any path below where it is mounted."""
    from starlette.applications import Starlette  # noqa: PLC0415 - an extra, and heavy
    from starlette.responses import Response  # noqa: PLC0415 - the same
    from starlette.routing import Route  # noqa: PLC0415 - the same

    async def serve(request: Request) -> Response:
        if any(len(request.headers.getlist(name)) > 1 for name in _PROOFS):
            return Response(status_code=401)  # what stands before us may have looked at another one than we would
        handled = receiving.handle(await request.body(), {name.lower(): text for name, text in request.headers.items()})
        if not await asyncio.to_thread(keeping.keep, handled.incoming):
            return Response(status_code=503)
        kind = "application/json" if handled.body else None
        return Response(handled.body, status_code=handled.status, media_type=kind)

    return Starlette(routes=[Route("/{rest:path}", serve, methods=["POST"])])


def _said(text: str, most: int = _MOST_TEXT) -> str:
    """As much as is kept; without NUL, which PostgreSQL keeps in no text."""
    return text.replace("\0", "")[:most]


def _ephemeral(text: str) -> bytes:
    return json.dumps({"response_type": "ephemeral", "text": text}).encode()


@dataclass
class _Read:
    texts: list[str] = field(default_factory=list)
    left: int = 400


def _texts(message: Mapping[str, Any]) -> list[str]:
    """Every text of a message, its attachments and its blocks, in order."""
    found = _Read()
    for part in (message.get("text"), message.get("attachments"), message.get("blocks")):
        _collect(part, found, 0)
    return list(dict.fromkeys(found.texts))


_TEXTUAL = ("title", "pretext", "text", "value", "fallback", "fields", "elements", "blocks")


def _collect(part: Any, found: _Read, depth: int) -> None:
    if found.left <= 0 or depth > 8:
        return
    if isinstance(part, str):
        if part.strip():
            found.left -= 1
            found.texts.append(part[:_MOST_TEXT])
    elif isinstance(part, list):
        for each in part:
            _collect(each, found, depth + 1)
    elif isinstance(part, Mapping):
        for name in _TEXTUAL:
            _collect(part.get(name), found, depth + 1)
