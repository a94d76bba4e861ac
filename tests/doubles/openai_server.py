"""A declared double: a scripted server that speaks OpenAI's chat completions and embeddings over real HTTP.

It checks requests as strictly as the real one (roles, tool messages, schemas, key, context size), answers what the
script says, and keeps every request for leak tests. It is no model: nothing here understands anything.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from .openai_embeddings import Embeddings, check_embeddings, embedded
from .openai_requests import Refusal, check_request, count_tokens


@dataclass(frozen=True)
class Text:
    """A plain answer; streamed in pieces of `piece` characters.

    Args:
        delay_s: waited before the first byte of the body.
        pause_s: waited between pieces.
    """

    text: str
    finish_reason: str = "stop"
    piece: int = 7
    delay_s: float = 0.0
    pause_s: float = 0.0
    usage: bool = True


@dataclass(frozen=True)
class Calls:
    """Tool calls as `(name, arguments as JSON text)`; streamed with the arguments in pieces."""

    calls: Sequence[tuple[str, str]]
    text: str = ""
    piece: int = 5
    ids: Sequence[str] = ()


@dataclass(frozen=True)
class Fail:
    """An HTTP error, or a redirect, with the API's error body."""

    status: int
    message: str = "scripted failure"
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None


@dataclass(frozen=True)
class Raw:
    """Bytes as they are: broken JSON, an HTML page, a strange shape."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200


@dataclass(frozen=True)
class Truncated:
    """A streamed answer that ends too early: `eof` closes cleanly, `chunk` breaks the encoding, `reset` sends a RST."""

    text: str
    how: str = "eof"


@dataclass(frozen=True)
class Hang:
    """No answer until the server stops."""


@dataclass(frozen=True)
class Reset:
    """The connection is reset before any answer."""


@dataclass(frozen=True)
class Drip:
    """A valid answer, one byte at a time: no single read times out, only a deadline ends it."""

    text: str = "slow"
    pause_s: float = 0.05


Step: TypeAlias = Text | Calls | Fail | Raw | Truncated | Hang | Reset | Drip | Embeddings
Responder: TypeAlias = Callable[[Mapping[str, Any]], Step]


@dataclass(frozen=True)
class Captured:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body."""
        found: dict[str, Any] = json.loads(self.raw)
        return found


class OpenAIServer:
    """Starts with `with OpenAIServer(...) as server`; `server.url` is the base URL.

    Args:
        steps: answers in the order of the requests, or a function of the request body.
        api_key: demanded as bearer; `None` demands none.
        context_tokens: larger requests are refused as the real one does.
        tls: serves HTTPS with this context.
    """

    def __init__(
        self,
        *steps: Step,
        responder: Responder | None = None,
        api_key: str | None = "test-key",
        context_tokens: int | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.api_key = api_key
        self.context_tokens = context_tokens
        self.connections = 0
        """How many were made, with a byte or without."""
        self.captured: list[Captured] = []
        self.refusals: list[str] = []
        self.released = threading.Event()
        self._steps = list(steps)
        self._responder = responder
        self._lock = threading.Lock()
        self._counter = 0
        self._server = _Server(("127.0.0.1", 0), self)
        self._scheme = "http"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Base URL, ending in `/v1`."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}/v1"

    def script(self, *steps: Step) -> None:
        """Add answers."""
        with self._lock:
            self._steps.extend(steps)

    def next_step(self, body: Mapping[str, Any]) -> Step:
        """The answer to this request."""
        if self._responder is not None:
            return self._responder(body)
        with self._lock:
            if self._steps:
                return self._steps.pop(0)
        self.refusals.append("the script is over")
        return Fail(500, "the script is over")

    def next_id(self, prefix: str) -> str:
        """A fresh id, counted."""
        with self._lock:
            self._counter += 1
            return f"{prefix}_{self._counter}"

    def everything_received(self) -> bytes:
        """Paths, headers and bodies of all requests, for a search for what must not be there."""
        return b"\n".join(one.path.encode() + repr(dict(one.headers)).encode() + one.raw for one in self.captured)

    def __enter__(self) -> OpenAIServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], owner: OpenAIServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)

    def verify_request(self, request: object, client_address: object) -> bool:
        """Every connection is counted, in the one thread that accepts them."""
        self.owner.connections += 1
        return True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away in the middle are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        self._json(404, _error("not found", "invalid_request_error", None))

    def do_POST(self) -> None:
        owner = self.server.owner
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        owner.captured.append(Captured(self.path, dict(self.headers), raw))
        try:
            body = self._accept(raw)
        except Refusal as refusal:
            owner.refusals.append(str(refusal))
            self._json(refusal.status, _error(str(refusal), "invalid_request_error", refusal.code))
            return
        with suppress(OSError):  # the client may have gone
            self._answer(owner.next_step(body), body)

    def _accept(self, raw: bytes) -> Mapping[str, Any]:
        owner = self.server.owner
        if owner.api_key is not None and self.headers.get("Authorization") != f"Bearer {owner.api_key}":
            raise Refusal("Incorrect API key provided", status=401, code="invalid_api_key")
        if self.path not in ("/v1/chat/completions", "/v1/embeddings"):
            raise Refusal(f"Unknown request URL: POST {self.path}", status=404)
        try:
            body = json.loads(raw)
        except ValueError:
            raise Refusal("We could not parse the JSON body of your request") from None
        check = check_embeddings if self.path == "/v1/embeddings" else check_request
        check(body, context_tokens=owner.context_tokens)
        return body  # type: ignore[no-any-return]  # checked to be an object just above

    def _answer(self, step: Step, body: Mapping[str, Any]) -> None:
        streamed = bool(body.get("stream"))
        if isinstance(step, Fail):
            self._json(step.status, _error(step.message, "scripted", step.code), step.headers)
        elif isinstance(step, Raw):
            self._send(step.status, step.content_type, step.body, {})
        elif isinstance(step, Hang):
            self.server.owner.released.wait(60)
            self.close_connection = True
        elif isinstance(step, Reset):
            self._reset()
        elif isinstance(step, Drip):
            self._drip(step, body)
        elif isinstance(step, Truncated):
            self._truncate(step, body)
        elif isinstance(step, Embeddings) or "input" in body:
            self._embed(step, body)
        elif streamed:
            self._stream(step, body)
        else:
            time.sleep(step.delay_s if isinstance(step, Text) else 0)
            self._json(200, self._completion(step, body))

    def _embed(self, step: Text | Calls | Embeddings, body: Mapping[str, Any]) -> None:
        if not isinstance(step, Embeddings) or "input" not in body:
            self._json(500, _error("the script has the answer of another route", "scripted", None))
            return
        time.sleep(step.delay_s)
        self._json(200, embedded(step, body))

    def _completion(self, step: Text | Calls, body: Mapping[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": step.text or None, "refusal": None}
        if isinstance(step, Calls):
            message["tool_calls"] = [
                {"id": self._call_id(step, place), "type": "function", "function": {"name": name, "arguments": text}}
                for place, (name, text) in enumerate(step.calls)
            ]
        found = {
            **self._envelope(body, "chat.completion"),
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(step)}],
        }
        if not isinstance(step, Text) or step.usage:
            found["usage"] = _usage(step, body)
        return found

    def _stream(self, step: Text | Calls, body: Mapping[str, Any]) -> None:
        time.sleep(step.delay_s if isinstance(step, Text) else 0)
        self._begin_stream()
        envelope = self._envelope(body, "chat.completion.chunk")
        for place, delta in enumerate(self._deltas(step)):
            if place and isinstance(step, Text):
                time.sleep(step.pause_s)
            self._event({**envelope, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        self._event({**envelope, "choices": [{"index": 0, "delta": {}, "finish_reason": _finish(step)}]})
        wants_usage = (body.get("stream_options") or {}).get("include_usage")
        if wants_usage and (not isinstance(step, Text) or step.usage):
            self._event({**envelope, "choices": [], "usage": _usage(step, body)})
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _deltas(self, step: Text | Calls) -> Iterator[dict[str, Any]]:
        yield {"role": "assistant", "content": ""}
        for piece in _pieces(step.text, step.piece):
            yield {"content": piece}
        if isinstance(step, Calls):
            for place, (name, arguments) in enumerate(step.calls):
                head = {"index": place, "id": self._call_id(step, place), "type": "function"}
                yield {"tool_calls": [{**head, "function": {"name": name, "arguments": ""}}]}
                for piece in _pieces(arguments, step.piece):
                    yield {"tool_calls": [{"index": place, "function": {"arguments": piece}}]}

    def _truncate(self, step: Truncated, body: Mapping[str, Any]) -> None:
        envelope = self._envelope(body, "chat.completion.chunk")
        chunk = {**envelope, "choices": [{"index": 0, "delta": {"content": step.text}, "finish_reason": None}]}
        event = f"data: {json.dumps(chunk)}\n\n".encode()
        self.close_connection = True
        if step.how == "eof":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(event)
            return
        self._begin_stream()
        self._chunk(event)
        if step.how == "reset":
            time.sleep(0.02)  # what was sent shall arrive before the reset throws it away
            self._reset()

    def _drip(self, step: Drip, body: Mapping[str, Any]) -> None:
        found = embedded(Embeddings(), body) if "input" in body else self._completion(Text(step.text), body)
        content = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if body.get("stream") else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        for one in content:
            self.wfile.write(bytes([one]))
            if self.server.owner.released.wait(step.pause_s):
                return

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _event(self, content: Mapping[str, Any]) -> None:
        self._chunk(f"data: {json.dumps(content)}\n\n".encode())

    def _chunk(self, content: bytes) -> None:
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        self.wfile.flush()

    def _envelope(self, body: Mapping[str, Any], kind: str) -> dict[str, Any]:
        return {"id": self.server.owner.next_id("chatcmpl"), "object": kind, "created": 1, "model": body["model"]}

    def _call_id(self, step: Calls, place: int) -> str:
        return step.ids[place] if place < len(step.ids) else self.server.owner.next_id("call")

    def _json(self, status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(content).encode(), headers or {})

    def _send(self, status: int, kind: str, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _finish(step: Text | Calls) -> str:
    return step.finish_reason if isinstance(step, Text) else "tool_calls"


def _usage(step: Text | Calls, body: Mapping[str, Any]) -> dict[str, int]:
    spoken = step.text + "".join(name + text for name, text in step.calls) if isinstance(step, Calls) else step.text
    tokens_in, tokens_out = count_tokens(body["messages"]), count_tokens(spoken)
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}


def _pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), max(1, size)):
        yield text[start : start + max(1, size)]


def _error(message: str, kind: str, code: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
