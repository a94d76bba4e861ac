"""One HTTP exchange: one deadline for all of it, a limit on what is let in and unpacked, and no redirects.

Everything here that speaks HTTP by itself does it through `exchange`: what reads the systems people run
(`systems/client.py`), the few questions that services for keys, tickets and sign-ins are asked, and places that are
written to once (`https.py`). Standard library alone: what matters is to know every byte that goes out and comes in.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_CHUNK_BYTES = 65_536
_UNPACKED = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
REDIRECTS = frozenset((301, 302, 303, 307, 308))


@dataclass(frozen=True)
class Exchanged:
    """What came back; header names in lower case. Of a redirect the body is not read."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """Without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class OverLimit(Exception):
    """More came than is let in; nothing beyond it was read or unpacked."""


class PackedOtherwise(Exception):
    """The answer is packed in a way that was not asked for."""


@dataclass(frozen=True)
class Route:
    """How a connection is made.

    Args:
        host: of the server.
        port: of it.
        tls: how it is trusted; `None` asks it in plain text.
        proxy: host and port of what connects us.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    proxy: tuple[str, int] | None = None

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    def exchange(
        self,
        method: str,
        target: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        seconds: float,
        limit_bytes: int,
        unpacks: bool = False,
    ) -> Exchanged:
        """Ask once.

        Args:
            method: such as `GET`.
            target: path and query, encoded.
            body: sent as it is.
            headers: beside `Host` and the length.
            seconds: until the whole answer is here.
            limit_bytes: of the body, unpacked.
            unpacks: whether a packed answer is asked for.

        Raises:
            OverLimit: more was answered.
            PackedOtherwise: the answer is packed, and not as asked for.
            OSError, http.client.HTTPException, zlib.error: no whole answer came before the deadline. Their texts may
                name what was sent: they are for nobody to read.
        """
        end = time.monotonic() + seconds
        connection = self._connection(seconds)
        asked = {**headers, "Accept-Encoding": "gzip"} if unpacks else {**headers}
        try:
            connection.connect()
            with cut_off(connection.sock, end - time.monotonic()):
                connection.request(method, target, body, asked)
                with connection.getresponse() as response:
                    content = b"" if response.status in REDIRECTS else _body(response, limit_bytes, end, unpacks)
        finally:
            connection.close()
        return Exchanged(response.status, content, {name.lower(): value for name, value in response.getheaders()})

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        host, port = self.proxy or (self.host, self.port)
        connection = (
            http.client.HTTPConnection(host, port, timeout=seconds)
            if self.tls is None
            else http.client.HTTPSConnection(host, port, timeout=seconds, context=self.tls)
        )
        if self.proxy:
            connection.set_tunnel(self.host, self.port)
        return connection


def _body(response: http.client.HTTPResponse, limit: int, end: float, unpacks: bool) -> bytes:
    packing = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if packing != "identity" and not (unpacks and packing in _UNPACKED):
        raise PackedOtherwise
    unpack = None if packing == "identity" else zlib.decompressobj(_UNPACKED[packing])
    content = bytearray()
    while chunk := response.read(_CHUNK_BYTES):
        # One byte beyond the limit tells a full answer from one that goes on; a bomb unpacks no further.
        content += unpack.decompress(chunk, limit + 1 - len(content)) if unpack else chunk
        if len(content) > limit or (unpack and unpack.unconsumed_tail):
            raise OverLimit
        if unpack and unpack.unused_data:
            # zlib would keep all that follows the end, and copy it for every further piece.
            raise PackedOtherwise
    if time.monotonic() >= end:
        raise TimeoutError  # what was cut off at the deadline looks like an end
    if response.length or (unpack and not unpack.eof):
        raise ConnectionError("the answer was cut")
    return bytes(content)


def is_this_machine(host: str) -> bool:
    """Whether a name or an address of a URL can only lead back here."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def cut_off(connection: socket.socket, seconds: float) -> Iterator[None]:
    """End the connection at the deadline, however slowly bytes come: a socket's own time-out starts anew with each."""

    def cut() -> None:
        with suppress(OSError):
            # Not the method of a TLS socket, which would take its state away from the thread that reads.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, seconds), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
