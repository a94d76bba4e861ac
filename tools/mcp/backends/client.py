"""Asks another MCP server: every time over a connection of its own, so that nothing of one run reaches another.

What the server wants of us (sampling, elicitation, roots) is refused: the SDK answers that it is not supported, and an
answer that asks for input is no answer.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import SecretStr

from ....core.canonical import JsonValue
from ....core.clock import Deadline
from ....core.errors import BackendError, OpswardenError, ToolFailed
from ..listing import Listed
from ..settings import ServerSettings
from .pipes import environment_for, pipes
from .web import web

T = TypeVar("T")

_MOST_PAGES = 20
_MOST_TOOLS = 500
_LONGEST_TOKEN = 16_000


@dataclass(frozen=True)
class Replied:
    """What a server returned for a call.

    Args:
        content: structured content; `None` if there is none.
        has_content: whether there is any.
        left_out: parts that are no text.
    """

    texts: tuple[str, ...]
    content: JsonValue
    has_content: bool
    left_out: int
    is_error: bool


class McpClient:
    """One server, as the configuration names it."""

    def __init__(self, name: str, settings: ServerSettings) -> None:
        self.name = name
        self._settings = settings

    def listed(self, timeout_s: float, credential: SecretStr | None = None) -> tuple[Listed, ...]:
        """The tools that the server has now.

        Raises:
            ToolFailed: it cannot be asked; the message repeats nothing of it.
        """

        async def work(client: Any) -> tuple[Listed, ...]:
            return await _list(client)

        return self._run(work, timeout_s, credential, lambda: False)

    def call(
        self,
        tool: str,
        args: Mapping[str, JsonValue],
        check: Callable[[Listed | None], None],
        deadline: Deadline,
        credential: SecretStr | None = None,
    ) -> Replied:
        """Call a tool, after a look at what the server says of it now.

        Args:
            tool: what the server calls it.
            args: as they are passed on.
            check: raises if the tool may not be called as it is listed.
            deadline: for all of it.
            credential: a bearer token, if the tool is lent one.

        Raises:
            ToolFailed: nothing was called.
            BackendError: it was called, and what came of it is not known.
        """
        has_begun = False

        async def work(client: Any) -> Replied:
            nonlocal has_begun
            check(next((each for each in await _list(client) if each.name == tool), None))
            has_begun = True
            return await _call(client, tool, args)

        return self._run(work, deadline.left_s, credential, lambda: has_begun)

    def _run(
        self,
        work: Callable[[Any], Coroutine[Any, Any, T]],
        timeout_s: float,
        credential: SecretStr | None,
        has_begun: Callable[[], bool],
    ) -> T:
        import anyio  # noqa: PLC0415 - the extra `mcp`
        from mcp import Client  # noqa: PLC0415 - the same

        for logger in ("mcp", "client"):
            # The SDK's; it would log what the server wrote.
            logging.getLogger(logger).setLevel(logging.CRITICAL + 1)
        settings = self._settings

        async def whole() -> T:
            most = settings.limit_kb * 1024
            streams = (
                web(settings.url, self._token(credential), settings.ca_file, timeout_s, most)
                if settings.url is not None
                else pipes(settings.command, environment_for(settings.variables), settings.folder, most)
            )
            with anyio.fail_after(min(timeout_s, settings.timeout_s)):
                async with Client(streams, cache=None, read_timeout_seconds=settings.timeout_s) as client:
                    return await work(client)

        try:
            return anyio.run(whole)
        except BaseException as error:
            told = _first(error)
            if told is not None:
                raise told from None
            if not isinstance(error, Exception):
                raise
            why = "did not answer in time" if _is_late(error) else "broke off, or does not speak the protocol"
            if has_begun():
                raise BackendError(f"the MCP server {self.name!r} {why}") from None
            raise ToolFailed(f"the MCP server {self.name!r} {why}", remedy="`opswarden mcp servers` looks") from None

    def _token(self, credential: SecretStr | None) -> str | None:
        if credential is not None:
            return credential.get_secret_value()
        if self._settings.token_env is not None:
            return os.environ.get(self._settings.token_env)
        if self._settings.token_file is None:
            return None
        try:
            with self._settings.token_file.open("rb") as file:
                return file.read(_LONGEST_TOKEN).decode("ascii").strip()
        except (OSError, ValueError):
            raise ToolFailed(f"the token for {self.name!r} cannot be read", remedy="check `token_file`") from None


async def _list(client: Any) -> tuple[Listed, ...]:
    import mcp_types as types  # noqa: PLC0415 - the extra `mcp`

    found: list[Listed] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        params = types.PaginatedRequestParams(cursor=cursor) if cursor is not None else None
        page = await client.session.list_tools(params=params)
        found += [
            Listed(tool.name, tool.description or "", tool.input_schema, tool.output_schema) for tool in page.tools
        ]
        cursor = page.next_cursor
        if cursor is None:
            break
    names = [each.name for each in found]
    if cursor is not None or len(found) > _MOST_TOOLS or len(set(names)) < len(names):
        raise ToolFailed("the server lists more tools than are read, or two of one name")
    return tuple(found)


async def _call(client: Any, tool: str, args: Mapping[str, JsonValue]) -> Replied:
    import mcp_types as types  # noqa: PLC0415 - as above

    # Not `call_tool`: it would run the patterns of the server's schema, and answer what the server asks for.
    request = types.CallToolRequest(params=types.CallToolRequestParams(name=tool, arguments=dict(args)))
    result = await client.session.send_request(request, types.CallToolResult)
    texts = tuple(part.text for part in result.content if isinstance(part, types.TextContent))
    return Replied(
        texts=texts,
        content=result.structured_content,
        has_content="structured_content" in result.model_fields_set and result.structured_content is not None,
        left_out=len(result.content) - len(texts),
        is_error=bool(result.is_error),
    )


def _first(error: BaseException) -> OpswardenError | None:
    """An error of ours, wherever in a group it is."""
    if isinstance(error, OpswardenError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next((found for each in error.exceptions if (found := _first(each)) is not None), None)
    return None


def _is_late(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return any(_is_late(each) for each in error.exceptions)
    return isinstance(error, TimeoutError) or "timed out" in str(error).lower()
