"""What stands in front of every page: names we are asked under, sizes, pages of other sites, and headers that bind."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from ..http.guard import App, Message, Receive, Scope, Send

MOST_BYTES = 64 * 1024
_BODY_S = 15.0
_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
_SAFE = ("GET", "HEAD")

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing but our own style sheet and pictures is loaded, nothing runs, nobody frames us, forms come back to us."""

HEADERS: tuple[tuple[str, str], ...] = (
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    # Not `no-referrer`: with that, browsers hide the origin of our own forms from us.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cache-control", "no-store"),
    ("x-robots-tag", "noindex, nofollow"),
)


class Front:
    """Answers under known names only, and takes nothing that changes something from a page of another site.

    Args:
        app: the pages.
        hosts: `Host` headers to answer beside those of this machine, with or without a port.
        is_public: whether browsers come by TLS; they are then told to stay with it.
    """

    def __init__(self, app: App, *, hosts: Collection[str] = (), is_public: bool = False) -> None:
        self._app = app
        self._hosts = frozenset(map(str.lower, (*_THIS_MACHINE, *hosts)))
        more = (("strict-transport-security", "max-age=31536000"),) if is_public else ()
        self._headers = [(name.encode(), value.encode()) for name, value in (*HEADERS, *more)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "").lower()
        if not self._is_our_name(host):
            await self._say(send, 421, "This server is not asked under that name.")
        elif scope["method"] not in (*_SAFE, "POST"):
            await self._say(send, 405, "Pages are read with GET and forms are sent with POST.")
        elif scope["method"] == "POST" and not _is_our_page(headers, host):
            await self._say(send, 403, "That form does not stand on a page of this server.")
        else:
            await self._serve(scope, headers, receive, send)

    async def _serve(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or len(length) > 9 or int(length) > MOST_BYTES:
            await self._say(send, 413, "That is too long.")
            return
        try:
            async with asyncio.timeout(_BODY_S):
                body = await _body(receive)
        except TimeoutError:
            await self._say(send, 408, "The request did not arrive in time.")
            return
        if body is None:
            await self._say(send, 413, "That is too long.")
            return
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message.get("headers", ())}
                bound = [(name, value) for name, value in self._headers if name not in own]
                message = {**message, "headers": [*message.get("headers", ()), *bound]}
            await send(message)

        await self._app(scope, replay, dressed)

    def _is_our_name(self, host: str) -> bool:
        if host in self._hosts:
            return True
        name, _, port = host.rpartition(":")
        return port.isdigit() and name in self._hosts

    async def _say(self, send: Send, status: int, line: str) -> None:
        body = f"{line}\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),  # what may follow has not been read
            *self._headers,
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _is_our_page(headers: dict[str, str], host: str) -> bool:
    """Every browser says where a form comes from; what does not say so is not served."""
    came_from = headers.get("sec-fetch-site", "same-origin")
    is_ours = headers.get("origin", "").lower() in (f"http://{host}", f"https://{host}")
    return is_ours and came_from == "same-origin"


async def _body(receive: Receive) -> bytes | None:
    found = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(found)
        found += message.get("body", b"")
        if len(found) > MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(found)
