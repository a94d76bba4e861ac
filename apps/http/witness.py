"""The HTTP server of a witness: one verb, small requests, few connections, and nobody who may keep it busy."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ...core.errors import ConfigError
from ...core.http_exchange import cut_off
from ...policies.ledger.witness import MAX_REQUEST_BYTES, Answer, Witness
from ..stopping import Stop

PATH = "/add-checkpoint"
_IDLE_S = 15.0
_LONGEST_S = 60.0
_MOST_CONNECTIONS = 64


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness until it is shut down.

    Args:
        witness: answers.
        host: to listen on.
        port: 0 chooses a free one.
        told: takes a line per answer, without anything that a client wrote.
        longest_s: how long a connection may last, however slowly it sends.

    Raises:
        ConfigError: the address cannot be used.
    """

    daemon_threads = True
    request_queue_size = _MOST_CONNECTIONS

    def __init__(
        self,
        witness: Witness,
        host: str,
        port: int,
        *,
        told: Callable[[str], None] = lambda _line: None,
        longest_s: float = _LONGEST_S,
    ) -> None:
        self.witness = witness
        self.told = told
        self.longest_s = longest_s
        self._free = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise ConfigError(
                f"the witness cannot listen on {host} port {port}: {error.strerror}", remedy="choose another address"
            ) from error

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def serve_until(self, stop: Stop) -> None:
        """Serve until somebody wants an end."""
        serving = threading.Thread(target=self.serve_forever, name="opswarden-witness", daemon=True)
        serving.start()
        stop.wait()
        self.shutdown()
        serving.join()

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Take a connection, or turn it away while as many as may be are open."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Serve a connection in its thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up or sends no HTTP is no error of ours; nothing of it is shown."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "opswarden-witness"
    sys_version = ""
    timeout = _IDLE_S

    @property
    def _owner(self) -> WitnessServer:
        assert isinstance(self.server, WitnessServer)  # noqa: S101 - no other server makes these handlers
        return self.server

    def handle(self) -> None:
        with cut_off(self.connection, self._owner.longest_s):
            super().handle()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != PATH:
            self._refuse(404, "there is nothing here but /add-checkpoint\n")
        elif not length.isascii() or not length.isdigit() or "Transfer-Encoding" in self.headers:
            self._refuse(411, "a request says its length\n")
        elif len(length) > 9 or int(length) > MAX_REQUEST_BYTES:
            self._refuse(413, f"a request has at most {MAX_REQUEST_BYTES} bytes\n")
        else:
            content = self.rfile.read(int(length))
            if len(content) < int(length):
                self.close_connection = True
                return
            self._say(self._owner.witness.add_checkpoint(content))

    def do_GET(self) -> None:
        self._refuse(404, "there is nothing here but POST /add-checkpoint\n")

    def _refuse(self, status: int, text: str) -> None:
        # What may follow has not been read and must not be taken for another request.
        self.close_connection = True
        self._say(Answer(status, text))

    def _say(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self._owner.told(f"answered {answer.status}")

    def log_message(self, format: str, *args: object) -> None:
        """Request lines are whatever a stranger sent; they are not shown."""
