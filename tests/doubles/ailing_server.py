"""A double of any HTTP system on a bad day: it answers over a real socket in the ways that go wrong."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress

Behave = Callable[[socket.socket, bytes], None]

GOOD = b'{"status":"success","data":{}}'


def answer(
    content: bytes = GOOD,
    status: str = "200 OK",
    kind: str = "application/json",
    length: int | None = None,
    **more: str,
) -> Behave:
    """A whole answer; `length` lies about its size, `more` adds headers (`retry_after="1"`)."""

    def behave(peer: socket.socket, _request: bytes) -> None:
        headers = {"Content-Type": kind, "Content-Length": str(len(content) if length is None else length)}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        peer.sendall(f"HTTP/1.1 {status}\r\n{head}Connection: close\r\n\r\n".encode() + content)

    return behave


def passing(port: int) -> Behave:
    """What another server of this machine answers, byte by byte: good until whoever is asked next is not."""

    def behave(peer: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port), timeout=20) as onward:
            onward.sendall(head + b"\r\nConnection: close\r\n\r\n" + body)
            while part := onward.recv(65_536):
                peer.sendall(part)

    return behave


def packed(size: int) -> Behave:
    """A few packed bytes that unpack to many."""

    def behave(peer: socket.socket, request: bytes) -> None:
        # Packed when it is asked for: tables of tests name it where every worker reads them.
        answer(gzip.compress(b" " * size), content_encoding="gzip")(peer, request)

    return behave


def dripping(peer: socket.socket, _request: bytes) -> None:
    """One byte of an endless header at a time."""
    with suppress(OSError):
        peer.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            peer.sendall(b"x")
            time.sleep(0.02)


def silent(peer: socket.socket, _request: bytes) -> None:
    """Takes the question and says nothing until the other side gives up."""
    with suppress(OSError):
        while peer.recv(1024):
            pass


def cut_chunks(peer: socket.socket, _request: bytes) -> None:
    """Promises chunks, sends half of one, and hangs up."""
    peer.sendall(
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"status"'
    )


def endless(peer: socket.socket, _request: bytes) -> None:
    """An answer without an end or a size."""
    with suppress(OSError):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            peer.sendall(b"[" * 65_536)


def garbage(peer: socket.socket, _request: bytes) -> None:
    """What is no HTTP."""
    peer.sendall(b"\x00\xff\x16\x03 no protocol of yours\r\n\r\n")


class AilingServer:
    """Behaves as told, once per connection; the last behaviour goes on.

    Args:
        behaviours: in order.
        tls: the context to serve with; plain without one.
    """

    def __init__(self, *behaviours: Behave, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._lock = threading.Lock()
        self._behaviours = list(behaviours)
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer: socket.socket) -> None:
        with suppress(OSError):
            if self._tls:
                peer = self._tls.wrap_socket(peer, server_side=True)
            with peer:
                request = self._read(peer)
                with self._lock:
                    self.requests.append(request)
                    behave = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
                behave(peer, request)

    def _read(self, peer: socket.socket) -> bytes:
        request = b""
        while b"\r\n\r\n" not in request:
            part = peer.recv(65_536)
            if not part:
                return request
            request += part
        head, _, body = request.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        while len(body) < length and (part := peer.recv(65_536)):
            body += part
        return head + b"\r\n\r\n" + body
