"""How clients reach the MCP server: pipes of the process that started us, or HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ...core.errors import OpswardenError
from ..http.guard import CALLER, App, Guard, Receive, Scope, Send
from ..http.server import HttpServer
from ..people.callers import Caller
from .identity import Identities
from .server import SESSION_HEADER, McpServer
from .settings import McpSettings

PATH = "/mcp"
_SWEEP_S = 20.0
_BODY_S = 30.0


def serve_stdio(server: McpServer) -> None:
    """Serve one client over stdin and stdout until it closes them; nothing else is written to stdout."""
    import anyio  # noqa: PLC0415 - an extra, and heavy

    anyio.run(_over_pipes, server)


async def _over_pipes(server: McpServer) -> None:
    from mcp.server.stdio import stdio_server  # noqa: PLC0415 - as above

    async with stdio_server() as (reading, writing):
        await server.protocol.run(reading, writing, server.protocol.create_initialization_options())


def http_server(server: McpServer, settings: McpSettings, identities: Identities, host: str, port: int) -> HttpServer:
    """The server over streamable HTTP at `/mcp`.

    Raises:
        ConfigError: the address or the certificate cannot be used.
    """
    guard = Guard(
        _http_app(server, settings, identities),
        identities.caller_of,
        hosts=settings.hosts,
        origins=settings.origins,
        most_bytes=settings.request_kb * 1024,
        body_s=_BODY_S,
        challenge=identities.challenge,
        open_paths=tuple(identities.metadata),
    )
    return HttpServer(
        guard, host, port, plain=settings.plain, certificate=settings.certificate, key=settings.certificate_key
    )


def _http_app(server: McpServer, settings: McpSettings, identities: Identities) -> App:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: PLC0415 - as above

    manager = StreamableHTTPSessionManager(
        server.protocol,
        json_response=False,
        # A call that waits for a person is found again in its session, so the protocol's own end comes after ours.
        session_idle_timeout=float(settings.session_s),
        max_request_body_size=settings.request_kb * 1024,
        max_sessions=settings.sessions,
    )

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        import anyio  # noqa: PLC0415 - as above

        async with manager.run(), anyio.create_task_group() as tasks:
            tasks.start_soon(_sweep, server)
            yield
            tasks.cancel_scope.cancel()

    from starlette.applications import Starlette  # noqa: PLC0415 - as above
    from starlette.routing import Route  # noqa: PLC0415 - as above

    routes: list[Any] = [Route(path, _document(told)) for path, told in identities.metadata.items()]
    routes.append(Route(PATH, endpoint=_Endpoint(server, manager), methods=["GET", "POST", "DELETE"]))
    return Starlette(routes=routes, lifespan=lifespan)


class _Endpoint:
    """Hands requests to the SDK as those of their caller, and ends the run of a session that its client ends."""

    def __init__(self, server: McpServer, manager: Any) -> None:
        self._server = server
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller = scope[CALLER]
        if scope["method"] == "DELETE":
            headers = {name.lower(): value for name, value in scope["headers"]}
            key = headers.get(SESSION_HEADER.encode(), b"").decode("latin-1")
            # A caller's own sessions only; before the client is told that it is over.
            await _apart(self._server, caller.name, key)
        await self._manager.handle_request({**scope, "user": _user(caller)}, receive, send)


async def _apart(server: McpServer, caller: str, key: str) -> None:
    import anyio  # noqa: PLC0415 - as above

    await anyio.to_thread.run_sync(server.sessions.end, caller, key)


async def _sweep(server: McpServer) -> None:
    import anyio  # noqa: PLC0415 - as above

    while True:
        await anyio.sleep(_SWEEP_S)
        try:
            await anyio.to_thread.run_sync(server.sessions.sweep)
        except OpswardenError:
            continue  # a later round closes it


def _user(caller: Caller) -> Any:
    """The caller as the SDK knows users; it lets a session be used by whoever opened it and nobody else."""
    from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser  # noqa: PLC0415 - as above
    from mcp.server.auth.provider import AccessToken  # noqa: PLC0415 - as above

    return AuthenticatedUser(AccessToken(token="", client_id=caller.name, scopes=[]))


def _document(told: dict[str, object]) -> Any:
    from starlette.requests import Request  # noqa: PLC0415 - as above
    from starlette.responses import Response  # noqa: PLC0415 - as above

    content = json.dumps(told).encode()

    async def answer(_request: Request) -> Response:
        return Response(content, media_type="application/json")

    return answer
