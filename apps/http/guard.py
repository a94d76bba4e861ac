"""What stands in front of every HTTP server of ours: whom it answers, and how much it reads of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from contextlib import suppress
from typing import Any, TypeAlias

from ...core.errors import OpswardenError
from ..people.callers import bearer

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Refuse: TypeAlias = Callable[[int, str], bytes]
"""The body of a refusal, from its status and one line."""

CALLER = "opswarden.caller"
"""Where in an ASGI scope the caller stands once it is known."""

_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")


class Guard:
    """Answers known callers under known names, with requests of a known size; everybody else gets one line.

    `Host` and `Origin` are checked so that no page in a browser reaches a server of this machine under a name of its
    own (DNS rebinding).

    Args:
        app: what is guarded.
        identify: whose a token is; `None` for nobody. It may take long and runs on a thread. Without it, whatever is
            guarded finds out itself who calls, as webhooks with signatures have to.
        refuse: words a refusal.
        hosts: `Host` headers to answer beside those of this machine, with or without a port.
        origins: `Origin` headers to answer; requests without one are no browser's.
        most_bytes: of one request's body.
        body_s: how long it may take to arrive.
        taken_s: how long whoever asked may take to read what has been written for them, before more is.
        challenge: what `WWW-Authenticate` says.
        open_paths: served to anybody.
    """

    def __init__(
        self,
        app: App,
        identify: Callable[[str], Any] | None,
        *,
        refuse: Refuse = lambda _status, line: json.dumps({"error": line}).encode(),
        hosts: Collection[str] = (),
        origins: Collection[str] = (),
        most_bytes: int,
        body_s: float = 30.0,
        taken_s: float = 60.0,
        challenge: str = "Bearer",
        open_paths: Collection[str] = (),
    ) -> None:
        self._app = app
        self._identify = identify
        self._refuse = refuse
        self._hosts = frozenset(map(str.lower, (*_THIS_MACHINE, *hosts)))
        self._origins = frozenset(map(str.lower, origins))
        self._most_bytes = most_bytes
        self._body_s = body_s
        self._taken_s = taken_s
        self._challenge = challenge
        self._open_paths = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._is_our_name(headers.get("host", "")):
            await self._say(send, 421, "this server is not asked under that name")
            return
        if "origin" in headers and headers["origin"].lower() not in self._origins:
            await self._say(send, 403, "pages of that origin are not answered")
            return
        if self._identify is not None and scope["path"] not in self._open_paths:
            caller = await self._caller(self._identify, headers.get("authorization"))
            if caller is None:
                await self._say(send, 401, "a known bearer token is needed", self._challenge)
                return
            scope = {**scope, CALLER: caller}
        await self._serve(scope, headers, receive, send)

    async def _serve(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or len(length) > 12 or int(length) > self._most_bytes:
            await self._say(send, 413, f"a request has at most {self._most_bytes} bytes")
            return
        try:
            async with asyncio.timeout(self._body_s):
                body = await self._body(receive)
        except TimeoutError:
            await self._say(send, 408, "the request did not arrive in time")
            return
        if body is None:
            await self._say(send, 413, f"a request has at most {self._most_bytes} bytes")
            return
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        async def hurried(message: Message) -> None:
            try:
                async with asyncio.timeout(self._taken_s):
                    await send(message)
            except TimeoutError:
                raise ConnectionResetError("nobody reads the answer") from None

        with suppress(ConnectionResetError):
            await self._app(scope, replay, hurried)

    async def _body(self, receive: Receive) -> bytes | None:
        """All of it; `None` if it is too long."""
        found = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return bytes(found)
            found += message.get("body", b"")
            if len(found) > self._most_bytes:
                return None
            if not message.get("more_body", False):
                return bytes(found)

    async def _caller(self, identify: Callable[[str], Any], header: str | None) -> Any:
        token = bearer(header)
        if token is None:
            return None
        try:
            return await asyncio.to_thread(identify, token)
        except OpswardenError:
            return None

    def _is_our_name(self, host: str) -> bool:
        host = host.lower()
        if host in self._hosts:
            return True
        name, _, port = host.rpartition(":")
        return port.isdigit() and name in self._hosts

    async def _say(self, send: Send, status: int, line: str, challenge: str = "") -> None:
        body = self._refuse(status, line)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if challenge:
            headers.append((b"www-authenticate", challenge.encode("latin-1", "replace")))
        # What may follow has not been read.
        headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
