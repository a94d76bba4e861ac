"""An MCP server over streamable HTTP: bounded answers, no compression, no proxies, certificates checked."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ....core.errors import ConfigError

_STREAM_FACTOR = 4
"""How much more than one message a whole response may bring: notifications come before an answer."""


@asynccontextmanager
async def web(
    url: str, token: str | None, ca_file: Path | None, timeout_s: float, most_bytes: int
) -> AsyncIterator[Any]:
    """Streams of messages from and to the server, as the SDK's client takes them.

    Raises:
        ConfigError: the authorities cannot be read.
    """
    import httpx2  # noqa: PLC0415 - the extra `mcp`
    from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415 - the same

    headers = {"Accept-Encoding": "identity"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    transport = _bounded(httpx2, _context(url, ca_file), most_bytes)
    client = httpx2.AsyncClient(headers=headers, timeout=timeout_s, transport=transport, trust_env=False)
    async with client, streamable_http_client(url, http_client=client, max_sse_event_size=most_bytes) as streams:
        yield streams


def _context(url: str, ca_file: Path | None) -> ssl.SSLContext:
    if url.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, should a redirect lead to TLS
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file is not None else None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError("`ca_file` of an MCP server cannot be read", remedy="name a PEM file") from error


def _bounded(httpx2: Any, context: ssl.SSLContext, most_bytes: int) -> Any:
    class Bounded(httpx2.AsyncHTTPTransport):  # type: ignore[misc]  # the library is imported where it is needed
        async def handle_async_request(self, request: Any) -> Any:
            response = await super().handle_async_request(request)
            if response.headers.get("content-encoding", "identity") != "identity":
                await response.aclose()
                raise httpx2.DecodingError("a packed answer is not taken", request=request)
            is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
            response.stream = Stream(response.stream, most_bytes * (_STREAM_FACTOR if is_stream else 1))
            return response

    class Stream(httpx2.AsyncByteStream):  # type: ignore[misc]  # as above
        def __init__(self, inner: Any, left: int) -> None:
            self._inner = inner
            self._left = left

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for piece in self._inner:
                self._left -= len(piece)
                if self._left < 0:
                    raise httpx2.ReadError("the answer is too large")
                yield piece

        async def aclose(self) -> None:
            await self._inner.aclose()

    return Bounded(verify=context)
