"""What every double over HTTP shares: a socket on a port of its own, threads that answer, and an end."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Served:
    """A server of this machine; whoever is one calls `_serve` when it is ready to answer."""

    def _serve(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class SaysJson(BaseHTTPRequestHandler):
    """Answers documents as JSON and texts as they are."""

    protocol_version = "HTTP/1.1"

    def _say(self, code: int, document: Any) -> None:
        is_text = isinstance(document, str)
        content = document.encode() if is_text else json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain" if is_text else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass
