"""Length-prefixed JSON over a stream socket: four bytes of length, big-endian, then one object as UTF-8.

Nothing is ever unpickled. What is not a frame ends the connection: behind it no frame can be found again.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ...core.errors import BackendError

VERSION = 1
"""Of the protocol; both ends name it, and only the same one is spoken."""
MOST_BYTES = 32_000_000
"""Of one frame: more than the largest position of a graph that was seen, by a factor of ten."""

_HEAD = struct.Struct(">I")
_PIECE_BYTES = 1 << 20


class BadFrame(BackendError):
    """What came is no frame of ours.

    Args:
        code: a short word of ours, for the ledger: `frame-size`, `frame-late`, `frame-json`, …
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"the other process does not keep to the protocol ({code})", remedy="start the run again")
        self.code = code


class Frames:
    """A connected socket as frames; any thread may send, one receives.

    Args:
        connection: connected; it is closed by `close`.
        stall_s: how long the rest of a frame that has begun may take, either way.
    """

    def __init__(self, connection: socket.socket, stall_s: float = 30.0, most_bytes: int = MOST_BYTES) -> None:
        connection.settimeout(stall_s)
        self._socket = connection
        self._most_bytes = most_bytes
        self._sending = threading.Lock()

    def send(self, body: Mapping[str, Any]) -> None:
        """Send one object.

        Raises:
            BadFrame: it is too large to be sent.
            OSError: the other end has gone or does not read.
            TypeError: it is no JSON.
        """
        # Escaped to ASCII, so that half of a surrogate pair arrives as it was.
        content = json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode("ascii")
        if len(content) > self._most_bytes:
            raise BadFrame("frame-size")
        with self._sending:
            self._socket.sendall(_HEAD.pack(len(content)) + content)

    def receive(self, wait_s: float | None = None) -> dict[str, Any] | None:
        """The next object; `None` once the other end has closed between two frames.

        Args:
            wait_s: how long a frame may take to begin; for ever if absent.

        Raises:
            BadFrame: what came is no frame, or too large, or too late.
        """
        if not self._is_ready(wait_s):
            raise BadFrame("frame-late")
        head = self._read(_HEAD.size, may_end=True)
        if head is None:
            return None
        (size,) = _HEAD.unpack(head)
        if not 0 < size <= self._most_bytes:
            raise BadFrame("frame-size")
        content = self._read(size) or b""
        try:
            body = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise BadFrame("frame-json") from error
        if not isinstance(body, dict):
            raise BadFrame("frame-shape")
        return body

    def close(self) -> None:
        """Wake whoever receives, and let go of the socket."""
        with suppress(OSError):  # the other end was first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _is_ready(self, wait_s: float | None) -> bool:
        try:
            waiting = select.poll()
            waiting.register(self._socket, select.POLLIN)
            return bool(waiting.poll(None if wait_s is None else int(wait_s * 1000)))
        except (OSError, ValueError):
            return True  # closed meanwhile, which the read tells

    def _read(self, size: int, *, may_end: bool = False) -> bytes | None:
        pieces: list[bytes] = []
        left = size
        while left:
            try:
                piece = self._socket.recv(min(left, _PIECE_BYTES))
            except TimeoutError as error:
                raise BadFrame("frame-late") from error
            except OSError:
                piece = b""
            if not piece:
                if may_end and left == size:
                    return None
                raise BadFrame("frame-cut")
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)
