"""What the doubles of key services share: real HTTP on the loopback, captured requests, and ways to misbehave."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Fault = Literal["", "hang", "drip", "reset", "html", "huge", "500", "503-once", "not-json"]


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes


@dataclass(frozen=True)
class Answer:
    status: int
    body: Mapping[str, Any] = field(default_factory=dict)


class KeyServer:
    """Starts with `with …(…) as server`; `server.url` is its address, `server.fault` how it misbehaves.

    A double overrides `answer`.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.fault: Fault = ""
        self._stopped = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._serve(self)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # clients that hang up are part of the tests

        self._scheme = "https" if tls else "http"
        self._http = Server(("127.0.0.1", 0), Handler)
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Any:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._http.shutdown()
        self._http.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, handler.path, headers, handler.rfile.read(length))
        self.asked.append(asked)
        with suppress(OSError):
            if not self._misbehaved(handler):
                answer = self.answer(asked)
                _send(handler, answer.status, json.dumps(answer.body).encode(), "application/json")

    def _misbehaved(self, handler: BaseHTTPRequestHandler) -> bool:
        fault = self.fault
        if fault == "503-once":
            self.fault = ""
            _send(handler, 503, b"{}", "application/json")
        elif fault == "500":
            _send(handler, 500, b'{"message": "the secret was aGVsbG8="}', "application/json")
        elif fault == "html":
            _send(handler, 403, b"<html>blocked by a proxy</html>", "text/html")
        elif fault == "not-json":
            _send(handler, 200, b"<html>welcome</html>", "text/html")
        elif fault == "huge":
            _send(handler, 200, b'{"a": "' + b"x" * 1_000_000 + b'"}', "application/json")
        elif fault == "reset":
            handler.close_connection = True
        elif fault == "hang":
            self._stopped.wait(30)
        elif fault == "drip":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not self._stopped.is_set():
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.05)
        else:
            return False
        return True


def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
