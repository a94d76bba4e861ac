"""A declared double: another team's MCP server, on the official SDK, that keeps its word or breaks it.

Over streamable HTTP in this process, or over stdio when it is run as a program.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server

from opswarden.apps.http.server import HttpServer

SEARCH = types.Tool(
    name="search",
    description="Search tickets.",
    input_schema={
        "type": "object",
        "properties": {"query": {"type": "string"}, "project": {"type": "string"}},
        "required": ["query"],
        "additionalProperties": False,
    },
)
COUNT = types.Tool(
    name="count-tickets",
    description="Count tickets.",
    input_schema={"type": "object", "properties": {"project": {"type": "string"}}},
    output_schema={"type": "object", "properties": {"open": {"type": "integer"}}, "required": ["open"]},
)
CLOSE = types.Tool(
    name="close",
    description="Close a ticket.",
    input_schema={"type": "object", "properties": {"ticket": {"type": "string"}}, "required": ["ticket"]},
)


class ForeignServer:
    """What it lists and answers can be changed while it runs.

    Args:
        tools: listed.
    """

    def __init__(self, *tools: types.Tool) -> None:
        self.tools = list(tools or (SEARCH, COUNT, CLOSE))
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.behave: Callable[[Any, types.CallToolRequestParams], Any] | None = None
        self.protocol: Server[Any] = Server("tickets", on_list_tools=self._list, on_call_tool=self._call)

    def http(self) -> HttpServer:
        """Serves on a free port; closed by whoever asked."""
        return HttpServer(self.protocol.streamable_http_app(), "127.0.0.1", 0, stop_s=1)

    async def _list(self, _context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=self.tools)

    async def _call(self, context: Any, params: types.CallToolRequestParams) -> Any:
        self.calls.append((params.name, dict(params.arguments or {})))
        if self.behave is not None:
            found = self.behave(context, params)
            return await found if asyncio.iscoroutine(found) else found
        if params.name == COUNT.name:
            return structured({"open": 3})
        return text(f"PAY-1 says: {params.arguments}")


def text(*parts: str, is_error: bool = False) -> types.CallToolResult:
    """A result of texts."""
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=part) for part in parts], is_error=is_error
    )


def structured(content: Any) -> types.CallToolResult:
    """A result of structured content."""
    return types.CallToolResult(content=[], structured_content=content)


async def _over_pipes() -> None:
    from mcp.server.stdio import stdio_server

    protocol = ForeignServer().protocol
    async with stdio_server() as (reading, writing):
        await protocol.run(reading, writing, protocol.create_initialization_options())


if __name__ == "__main__":
    asyncio.run(_over_pipes())
