"""Slack's Web API: patient where Slack asks for patience, and honest about what may have happened."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from ...core.clock import Clock, Deadline
from ...core.errors import BackendError
from ...core.http_exchange import Exchanged
from ...core.systems.credentials import authorization
from ...core.systems.exchange import Place, Unreachable
from ...core.systems.settings import HttpSettings
from .texts import File

NAME = "Slack"
_FORMS = frozenset(
    (
        "conversations.info",
        "conversations.list",
        "conversations.history",
        "conversations.replies",
        "users.info",
        "files.getUploadURLExternal",
    )
)
"""Methods that take no JSON (docs.slack.dev, "Basic usage of the Web API")."""
_POSTING = ("chat.", "files.")
_LIMIT_BYTES = 4_000_000
_ATTEMPTS = 4
_PAUSE_S = 0.5
_WITHIN_S = 25.0
_LONGEST_WAIT_S, _LEAST_S = 18.0, 2.0
_STATUS_PAGE = "look at status.slack.com"
_HALF_DONE = frozenset(("fatal_error", "internal_error", "service_unavailable", "request_timeout"))
"""Errors of Slack's own, after which some of what was asked may have happened (docs.slack.dev, "chat.postMessage")."""

_REFUSALS: Mapping[str, tuple[str, str]] = {
    "invalid_auth": ("does not accept the bot token", "install the app again and set its token"),
    "not_authed": ("was asked without a token", "set `slack.token_env`"),
    "token_revoked": ("has revoked the bot token", "install the app again and set its token"),
    "account_inactive": ("has deactivated the app", "install the app again"),
    "missing_scope": ("lacks a scope of the app", "`opswarden slack manifest` lists them; install the app again"),
    "channel_not_found": ("knows no such channel", "correct `slack.channels.NAME.id`, and invite the app"),
    "not_in_channel": ("does not let us speak in the channel", "invite the app into the channel"),
    "is_archived": ("has archived the channel", "take it out of `slack.channels`"),
    "message_not_found": ("no longer has the message", "somebody deleted it; the next one is posted anew"),
    "cant_update_message": ("does not let us change the message", "the app was installed anew meanwhile"),
    "ratelimited": ("asks for patience", "try again later"),
    "stopped": ("is told nothing: an operator has stopped it", "`opswarden stop --show` says what is stopped"),
    "restricted_action": ("does not allow the app to post here", "ask an administrator of the workspace"),
}


class SlackRefused(BackendError):
    """Slack answered, and said no.

    Args:
        code: of ours for what it said; `refused` for what is not known.
    """

    def __init__(self, code: str) -> None:
        code = "ratelimited" if code == "rate_limited" else code  # what posting calls it
        told, remedy = _REFUSALS.get(code, ("refused the request", "see docs/slack.md; the app may be installed anew"))
        super().__init__(f"{NAME} {told}", remedy=remedy)
        self.code = code if code in _REFUSALS else "refused"


class SlackUncertain(BackendError):
    """It may have happened: no answer came, or one that does not say.

    Args:
        is_answered: whether one came, so that nothing of it is on its way any more.
    """

    def __init__(self, message: str, *, remedy: str = "", is_answered: bool = False) -> None:
        super().__init__(message, remedy=remedy)
        self.is_answered = is_answered


class WebApi:
    """Calls methods with the bot token.

    Args:
        settings: address and token.
        clock: counts deadlines.
        sleep: waits where Slack asks for it.
        may_post: whether a channel may be told anything, by its id; asked before every message, edit and file.
    """

    def __init__(
        self,
        settings: HttpSettings,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
        may_post: Callable[[str], bool] = lambda _channel: True,
    ) -> None:
        self._settings = settings
        self._place = Place(NAME, settings)
        self._clock = clock
        self._sleep = sleep
        self._may_post = may_post

    def call(
        self, method: str, arguments: Mapping[str, Any], *, again: bool = True, within_s: float = _WITHIN_S
    ) -> Mapping[str, Any]:
        """Call a method.

        Args:
            method: such as `chat.update`.
            arguments: as documented; `None` leaves one out.
            again: whether it may be repeated when nobody knows if it happened.
            within_s: how long it may take, waiting included.

        Raises:
            SlackRefused: Slack said no, or `ratelimited` for longer than there is time; `stopped` by an operator.
            SlackUncertain: no answer came, and it may not be repeated or was repeated in vain.
        """
        channel = arguments.get("channel") or arguments.get("channel_id")
        if method.startswith(_POSTING) and channel and not self._may_post(str(channel)):
            raise SlackRefused("stopped")
        body, kind = _encoded(method, {name: value for name, value in arguments.items() if value is not None})
        deadline = Deadline(self._clock, within_s)
        for attempt in range(1, _ATTEMPTS + 1):
            is_last = attempt == _ATTEMPTS
            try:
                answer = self._once(f"/{method}", body, kind, deadline)
            except Unreachable as error:
                if is_last or not again or not error.again or deadline.left_s <= _PAUSE_S:
                    raise SlackUncertain(error.message, remedy=error.remedy) from error
                self._sleep(_PAUSE_S * attempt)
                continue
            if answer.status == 429:
                wait_s = _wait_s(answer)
                # What is sent with no time left for its answer is only in doubt.
                if is_last or wait_s > min(_LONGEST_WAIT_S, deadline.left_s - _LEAST_S):
                    raise SlackRefused("ratelimited")
                self._sleep(wait_s)
                continue
            found = _read(answer) if answer.status < 500 else {}
            if answer.status < 500 and found.get("error") not in _HALF_DONE:
                return _granted(found)
            if is_last or not again or deadline.left_s <= _PAUSE_S:
                told = answer.status if answer.status >= 500 else found["error"]
                # A proxy that gave up (502, 504) says nothing of what Slack itself is still doing.
                is_answered = answer.status not in (502, 504)
                raise SlackUncertain(f"{NAME} failed ({told})", remedy=_STATUS_PAGE, is_answered=is_answered)
            self._sleep(_PAUSE_S * attempt)
        raise AssertionError("the last attempt returns or raises")

    def upload(self, file: File) -> str:
        """Bring a file to Slack, where nobody sees it yet; its id.

        Raises:
            SlackRefused, SlackUncertain: as `call`.
        """
        content = file.octets
        asked = {"filename": file.name, "length": len(content), "alt_txt": file.alternative or None}
        given = self.call("files.getUploadURLExternal", asked)
        file_id, address = str(given.get("file_id", "")), str(given.get("upload_url", ""))
        self._put(address, content)
        return file_id

    def share(self, file_id: str, title: str, channel: str, thread_ts: str) -> None:
        """Share a file that is there in a thread.

        Raises:
            SlackRefused, SlackUncertain: as `call`.
        """
        shared = {"files": [{"id": file_id, "title": title}], "channel_id": channel, "thread_ts": thread_ts}
        self.call("files.completeUploadExternal", shared, again=False)

    def _put(self, address: str, content: bytes) -> None:
        parts, ours = urlsplit(address), urlsplit(self._settings.url)
        host = parts.hostname or ""
        if parts.scheme != ours.scheme or not (host == ours.hostname or host.endswith(".slack.com")):
            raise SlackRefused("upload-elsewhere")
        where = self._settings.model_copy(update={"url": f"{parts.scheme}://{parts.netloc}"})
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {"Content-Type": "application/octet-stream"}
        try:
            answer = Place(NAME, where).ask("POST", target, content, headers, self._settings.timeout_s, _LIMIT_BYTES)
        except Unreachable as error:
            raise SlackUncertain(error.message, remedy=error.remedy) from error
        if answer.status != 200:
            raise SlackUncertain(f"{NAME} did not take the file ({answer.status})", remedy=_STATUS_PAGE)

    def _once(self, target: str, body: bytes, kind: str, deadline: Deadline) -> Exchanged:
        proof = authorization(NAME, self._settings)
        headers = {"Content-Type": kind, "Accept": "application/json"}
        if proof is not None:
            headers["Authorization"] = proof.get_secret_value()
        seconds = min(self._settings.timeout_s, max(deadline.left_s, 0.1))
        return self._place.ask("POST", f"{self._place.path}{target}", body, headers, seconds, _LIMIT_BYTES)


def _encoded(method: str, arguments: Mapping[str, Any]) -> tuple[bytes, str]:
    if method not in _FORMS:
        return json.dumps(arguments, separators=(",", ":")).encode(), "application/json; charset=utf-8"
    plain = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in arguments.items()}
    return urlencode(plain).encode(), "application/x-www-form-urlencoded"


def _read(answer: Exchanged) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SlackUncertain(f"{NAME} did not answer JSON", remedy="check `slack.url` and what stands before it")
    return found


def _granted(found: Mapping[str, Any]) -> Mapping[str, Any]:
    if found.get("ok") is not True:
        raise SlackRefused(str(found.get("error", "")))
    return found


def _wait_s(answer: Exchanged) -> float:
    written = answer.headers.get("retry-after", "").strip()
    return float(written) if written.isdigit() and len(written) < 6 else 1.0
