"""A double of Slack's Socket Mode: a WebSocket (RFC 6455) that hands out envelopes and notes what is acknowledged.

After docs.slack.dev, "Using Socket Mode". It serves one connection at a time, without TLS, as slack_sdk allows for
ports other than 443. `apps.connections.open` is served by `SlackServer`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class SlackSocket:
    """Starts at once; `url` is what `apps.connections.open` answers with."""

    def __init__(self) -> None:
        self.acknowledged: list[dict[str, Any]] = []
        self.opened = 0
        self._changed = threading.Condition()
        self._peer: socket.socket | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._listener.getsockname()[1]}/link?ticket=t"

    def send(self, kind: str, payload: Mapping[str, Any], envelope: str, *, accepts: bool = False) -> None:
        """Hand out an envelope, to whoever is connected."""
        told = {"type": kind, "payload": payload, "envelope_id": envelope, "accepts_response_payload": accepts}
        self._frame(0x1, json.dumps(told).encode())

    def hang_up(self) -> None:
        """End the connection as Slack does from time to time: it says so, and the client comes back."""
        self._frame(0x1, json.dumps({"type": "disconnect", "reason": "refresh_requested"}).encode())

    def wait_for(self, acknowledged: int = 0, opened: int = 0, seconds: float = 20.0) -> bool:
        """Whether that much happens in time."""
        with self._changed:
            return self._changed.wait_for(
                lambda: len(self.acknowledged) >= acknowledged and self.opened >= opened, seconds
            )

    def close(self) -> None:
        self._listener.close()
        if self._peer is not None:
            self._peer.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer: socket.socket) -> None:
        with peer, suppress(OSError, ValueError, IndexError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += peer.recv(1)
            key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
            proof = base64.b64encode(hashlib.sha1(key.split(b":", 1)[1].strip() + _GUID).digest())  # noqa: S324 - RFC 6455
            peer.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + proof + b"\r\n\r\n"
            )
            self._peer = peer
            self._frame(0x1, json.dumps({"type": "hello", "num_connections": 1}).encode())
            with self._changed:
                self.opened += 1
                self._changed.notify_all()
            while True:
                kind, content = self._read(peer)
                if kind == 0x8:
                    return
                if kind == 0x9:
                    self._frame(0xA, content)
                if kind == 0x1:
                    with self._changed:
                        self.acknowledged.append(json.loads(content))
                        self._changed.notify_all()

    def _frame(self, kind: int, content: bytes) -> None:
        assert self._peer is not None
        size = len(content)
        length = bytes([size]) if size < 126 else b"\x7e" + struct.pack("!H", size)
        self._peer.sendall(bytes([0x80 | kind]) + length + content)

    def _read(self, peer: socket.socket) -> tuple[int, bytes]:
        first, second = self._exactly(peer, 2)
        size = second & 0x7F
        if size == 126:
            size = struct.unpack("!H", self._exactly(peer, 2))[0]
        mask = self._exactly(peer, 4)
        content = bytes(byte ^ mask[place % 4] for place, byte in enumerate(self._exactly(peer, size)))
        return first & 0x0F, content

    def _exactly(self, peer: socket.socket, size: int) -> bytes:
        found = b""
        while len(found) < size:
            part = peer.recv(size - len(found))
            if not part:
                raise ValueError("hung up")
            found += part
        return found
