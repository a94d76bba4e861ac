"""A double of Slack's Web API over real HTTP: tokens, limits, rates, threads, files, streams.

After docs.slack.dev (November 2026). What is not served: everything that no caller of ours asks for. Socket
Mode is `slack_socket.py`. Rates are counted on the clock that is handed in.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from opswarden.core.clock import Clock

from .slack_blocks import problem_of

TOKEN = "xoxb-0000-double"
APP_TOKEN = "xapp-0000-double"
BOT_USER, BOT_ID, APP_ID, WORKSPACE = "UBOT00001", "BBOT00001", "A000DOUBLE", "T000DOUBLE"

_TIERS = {
    "chat.update": (50, 60.0),
    "chat.delete": (50, 60.0),
    "chat.postEphemeral": (100, 60.0),
    "conversations.history": (50, 60.0),
    "conversations.replies": (50, 60.0),
    "conversations.info": (50, 60.0),
    "conversations.list": (20, 60.0),
    "users.info": (100, 60.0),
    "chat.startStream": (20, 60.0),
    "chat.appendStream": (100, 60.0),
    "chat.stopStream": (20, 60.0),
}
_POSTS_PER_CHANNEL = (1, 1.0)
_MOST_STREAMED = 12_000

Answer = tuple[int, dict[str, Any], dict[str, str]]


class SlackError(Exception):
    """Answered as `{"ok": false, "error": …}`."""


class SlackServer:
    """Starts with `with SlackServer(clock) as slack`; `slack.url` is the base address of the API.

    `faults[method]` is a list of what goes wrong with the next calls: `429`, `500` (nothing happened), `500-after` (it
    happened, and the answer is lost), `fatal_error` (the same, in Slack's own words), `late` (the connection breaks,
    and it happens when `arrive` is called).
    """

    def __init__(self, clock: Clock) -> None:
        self.channels: dict[str, dict[str, Any]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.file_posts: dict[str, list[dict[str, Any]]] = defaultdict(list)
        """The messages that Slack itself makes for files that are shared."""
        self.ephemerals: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.views: list[dict[str, Any]] = []
        self.socket_url = ""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.called_at: list[float] = []
        self.answered: list[str] = []
        self.faults: dict[str, list[str]] = defaultdict(list)
        self._clock = clock
        self._lock = threading.RLock()
        self._number = 0
        self._on_its_way: list[Callable[[], object]] = []
        self._spent: dict[tuple[str, str], list[float]] = defaultdict(list)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._serve(self)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True

    def add_channel(self, channel: str, name: str, **facts: Any) -> None:
        plain = {"is_ext_shared": False, "is_shared": False, "is_org_shared": False, "is_pending_ext_shared": False}
        own = {"id": channel, "name": name, "is_member": True, "is_archived": False}
        self.channels[channel] = {**own, **plain, **facts}

    def add_user(self, user: str, **facts: Any) -> None:
        plain = {"deleted": False, "is_bot": False, "is_restricted": False, "is_ultra_restricted": False}
        self.users[user] = {"id": user, "team_id": WORKSPACE, "name": user.lower(), **plain, **facts}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/api"

    def called(self, method: str) -> list[dict[str, Any]]:
        return [asked for name, asked in self.calls if name == method]

    def thread(self, channel: str, ts: str) -> list[dict[str, Any]]:
        return [each for each in self.messages[channel] if each.get("thread_ts") == ts and each["ts"] != ts]

    def arrive(self) -> None:
        """What was sent over connections that broke comes in now."""
        with self._lock:
            coming, self._on_its_way = self._on_its_way, []
            for happen in coming:
                happen()

    def __enter__(self) -> SlackServer:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        parts = urlsplit(handler.path)
        with self._lock:
            if parts.path.startswith("/upload/v1/"):
                status, body, headers = self._uploaded(parts.path.rpartition("/")[2], raw)
            else:
                asked = self._asked(handler, parts.query, raw)
                method = parts.path.removeprefix("/api/")
                status, body, headers = self._answer(method, asked, handler.headers.get("Authorization", ""))
        if not status:
            handler.close_connection = True
            return
        content = json.dumps(body).encode()
        handler.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(content))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def _asked(self, handler: BaseHTTPRequestHandler, query: str, raw: bytes) -> dict[str, Any]:
        if handler.headers.get("Content-Type", "").startswith("application/json"):
            found: dict[str, Any] = json.loads(raw)
            return found
        form = dict(parse_qsl(query)) | dict(parse_qsl(raw.decode(), keep_blank_values=True))
        for name in ("blocks", "metadata", "files"):
            if name in form:
                form[name] = json.loads(form[name])
        return dict(form)

    def _answer(self, method: str, asked: dict[str, Any], proof: str) -> Answer:
        if method == "apps.connections.open":
            if proof != f"Bearer {APP_TOKEN}" or not self.socket_url:
                return 200, {"ok": False, "error": "not_allowed_token_type" if TOKEN in proof else "invalid_auth"}, {}
            return 200, {"ok": True, "url": self.socket_url}, {}
        if proof != f"Bearer {TOKEN}":
            return 200, {"ok": False, "error": "invalid_auth" if proof else "not_authed"}, {}
        self.calls.append((method, asked))
        self.called_at.append(self._clock.now().timestamp())
        self.answered.append("")
        number = len(self.answered) - 1
        status, body, headers = self._served(method, asked)
        self.answered[number] = f"{status} {body.get('ts', body.get('error', ''))}".strip()
        return status, body, headers

    def _served(self, method: str, asked: dict[str, Any]) -> Answer:
        fault = self.faults[method].pop(0) if self.faults[method] else ""
        wait_s = self._waits(method, str(asked.get("channel", "")))
        if fault == "429" or wait_s:
            return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(max(1, round(wait_s)))}
        if fault == "500":
            return 500, {}, {}
        serve: Callable[[dict[str, Any]], Mapping[str, Any]] | None = _METHODS.get(method, lambda _self: None)(self)
        if serve is None:
            return 200, {"ok": False, "error": "unknown_method", "req_method": method}, {}
        if fault == "late":
            self._on_its_way.append(partial(serve, asked))
            return 0, {}, {}
        try:
            body = {"ok": True, **serve(asked)}
        except SlackError as error:
            return 200, {"ok": False, "error": str(error)}, {}
        if fault == "fatal_error":
            return 200, {"ok": False, "error": fault}, {}
        return (500, {}, {}) if fault == "500-after" else (200, body, {})

    def _waits(self, method: str, channel: str) -> float:
        """Seconds until the call may come again; 0 if it may now."""
        most, seconds = _TIERS.get(method, (10_000, 60.0))
        key = (method, "")
        if method == "chat.postMessage":
            (most, seconds), key = _POSTS_PER_CHANNEL, (method, channel)
        now = self._clock.monotonic()
        self._spent[key] = [at for at in self._spent[key] if now - at < seconds]
        if len(self._spent[key]) >= most:
            return seconds - (now - self._spent[key][0])
        self._spent[key].append(now)
        return 0.0

    def _channel(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        channel = self.channels.get(str(asked.get("channel", "")))
        if channel is None:
            raise SlackError("channel_not_found")
        return channel

    def _found(self, asked: Mapping[str, Any], ts: str) -> dict[str, Any]:
        channel = self._channel(asked)["id"]
        found = next((each for each in self.messages[channel] if each["ts"] == ts), None)
        if found is None:
            raise SlackError("message_not_found")
        return found

    def next_ts(self) -> str:
        with self._lock:
            self._number += 1
            return f"{int(self._clock.now().timestamp())}.{self._number:06d}"

    def _check(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._channel(asked)
        if channel["is_archived"]:
            raise SlackError("is_archived")
        if not channel["is_member"]:
            raise SlackError("not_in_channel")
        problem = problem_of(dict(asked))
        if problem:
            raise SlackError(problem)
        return channel

    def _post(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        channel = self._check(asked)["id"]
        if asked.get("thread_ts"):
            self._found(asked, str(asked["thread_ts"]))
        posted = {
            "type": "message", "ts": self.next_ts(), "user": BOT_USER, "bot_id": BOT_ID, "app_id": APP_ID,
            **{name: asked[name] for name in ("text", "blocks", "metadata", "thread_ts") if name in asked},
        }  # fmt: skip
        self.messages[channel].append(posted)
        return {"channel": channel, "ts": posted["ts"], "message": posted}

    def _update(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        channel = self._check(asked)["id"]
        found = self._found(asked, str(asked.get("ts", "")))
        if found.get("app_id") != APP_ID:
            raise SlackError("cant_update_message")
        if "text" in asked and "blocks" not in asked:
            found.pop("blocks", None)
        found |= {name: asked[name] for name in ("text", "blocks", "metadata") if name in asked}
        return {"channel": channel, "ts": found["ts"], "text": found["text"]}

    def _delete(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        channel = self._channel(asked)["id"]
        found = self._found(asked, str(asked.get("ts", "")))
        if found.get("app_id") != APP_ID:
            raise SlackError("cant_delete_message")
        self.messages[channel].remove(found)
        return {"channel": channel, "ts": found["ts"]}

    def _ephemeral(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        self._check(asked)
        if asked.get("user") not in self.users:
            raise SlackError("user_not_in_channel")
        self.ephemerals.append(asked)
        return {"message_ts": self.next_ts()}

    def _history(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        channel = self._channel(asked)["id"]
        return self._page(
            asked, [each for each in self.messages[channel] if each.get("thread_ts", each["ts"]) == each["ts"]]
        )

    def _replies(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        try:
            first = self._found(asked, str(asked.get("ts", "")))
        except SlackError as error:
            raise SlackError("thread_not_found" if str(error) == "message_not_found" else str(error)) from None
        files = [each for each in self.file_posts[asked["channel"]] if each["thread_ts"] == first["ts"]]
        return self._page(asked, [first, *self.thread(asked["channel"], first["ts"]), *files])

    def _page(self, asked: dict[str, Any], found: list[dict[str, Any]]) -> Mapping[str, Any]:
        oldest = float(asked.get("oldest", 0))
        newest = [each for each in reversed(found) if float(each["ts"]) > oldest]
        start, limit = int(asked.get("cursor") or 0), min(int(asked.get("limit", 100)), 999)
        rows = newest[start : start + limit]
        if str(asked.get("include_all_metadata", "")).lower() not in ("1", "true"):
            rows = [{name: value for name, value in row.items() if name != "metadata"} for row in rows]
        more = start + limit < len(newest)
        cursor = {"next_cursor": str(start + limit)} if more else {"next_cursor": ""}
        return {"messages": rows, "has_more": more, "response_metadata": cursor}

    def _list(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        """Public channels by pages, archived ones too."""
        start, most = int(asked.get("cursor") or 0), min(int(asked.get("limit", 100)), 1_000)
        more = str(start + most) if start + most < len(self.channels) else ""
        return {"channels": [*self.channels.values()][start:][:most], "response_metadata": {"next_cursor": more}}

    def _user(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        user = self.users.get(str(asked.get("user", "")))
        if user is None:
            raise SlackError("user_not_found")
        return {"user": user}

    def _upload_url(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        if not asked.get("filename") or int(asked.get("length", 0)) < 1:
            raise SlackError("invalid_arguments")
        self._number += 1
        file = f"F{self._number:08d}"
        self.files[file] = {
            "name": asked["filename"], "length": int(asked["length"]), "alternative": asked.get("alt_txt", ""),
            "content": None, "shared": [],
        }  # fmt: skip
        return {"upload_url": f"{self.url.removesuffix('/api')}/upload/v1/{file}", "file_id": file}

    def _uploaded(self, file: str, raw: bytes) -> Answer:
        if file not in self.files or len(raw) != self.files[file]["length"]:
            return 400, {}, {}
        self.files[file]["content"] = raw
        return 200, {}, {}

    def _complete(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        for each in asked["files"]:
            if self.files.get(each["id"], {}).get("content") is None:
                raise SlackError("file_not_found")
            shared = (asked.get("channel_id"), asked.get("thread_ts"))
            self.files[each["id"]]["shared"].append(shared)
            posted = {
                "type": "message", "ts": self.next_ts(), "user": BOT_USER, "app_id": APP_ID, "text": "",
                "thread_ts": asked.get("thread_ts"), "files": [{"id": each["id"], "title": each.get("title", "")}],
            }  # fmt: skip
            self.file_posts[asked["channel_id"]].append(posted)
        return {"files": [{"id": each["id"], "title": each.get("title", "")} for each in asked["files"]]}

    def _view(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        if not asked.get("trigger_id"):
            raise SlackError("invalid_arguments")
        self.views.append(asked)
        return {"view": {"id": f"V{len(self.views)}"}}

    def _start_stream(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        if not asked.get("thread_ts"):
            raise SlackError("invalid_arguments")
        self._found(asked, str(asked["thread_ts"]))
        if len(str(asked.get("markdown_text", ""))) > _MOST_STREAMED:
            raise SlackError("msg_too_long")
        posted = {
            "type": "message", "ts": self.next_ts(), "app_id": APP_ID, "text": str(asked.get("markdown_text", "")),
            "thread_ts": asked["thread_ts"], "streaming": True,
        }  # fmt: skip
        self.messages[asked["channel"]].append(posted)
        return {"channel": asked["channel"], "ts": posted["ts"]}

    def _append_stream(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        found = self._found(asked, str(asked.get("ts", "")))
        if not found.get("streaming"):
            raise SlackError("message_not_in_streaming_state")
        if len(str(asked.get("markdown_text", ""))) > _MOST_STREAMED:
            raise SlackError("msg_too_long")
        found["text"] += str(asked.get("markdown_text", ""))
        return {"channel": asked["channel"], "ts": found["ts"]}

    def _stop_stream(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        answer = self._append_stream(asked)
        self._found(asked, str(asked["ts"]))["streaming"] = False
        return answer


_METHODS: Mapping[str, Callable[[SlackServer], Any]] = {
    "auth.test": lambda _it: (
        lambda _asked: {
            "team_id": WORKSPACE,
            "user_id": BOT_USER,
            "bot_id": BOT_ID,
            "team": "double",
            "user": "opswarden",
        }
    ),
    "chat.postMessage": lambda it: it._post,
    "chat.update": lambda it: it._update,
    "chat.delete": lambda it: it._delete,
    "chat.postEphemeral": lambda it: it._ephemeral,
    "conversations.list": lambda it: it._list,
    "conversations.info": lambda it: lambda asked: {"channel": it._channel(asked)},
    "conversations.history": lambda it: it._history,
    "conversations.replies": lambda it: it._replies,
    "users.info": lambda it: it._user,
    "files.getUploadURLExternal": lambda it: it._upload_url,
    "files.completeUploadExternal": lambda it: it._complete,
    "views.open": lambda it: it._view,
    "chat.startStream": lambda it: it._start_stream,
    "chat.appendStream": lambda it: it._append_stream,
    "chat.stopStream": lambda it: it._stop_stream,
}
