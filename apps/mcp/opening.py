"""An MCP server of an installation, ready for a transport."""

from __future__ import annotations

from pathlib import Path

from ..installation import Installation
from ..people.callers import Caller
from .server import McpServer, described_tools
from .sessions import Sessions
from .sources import Source


def open_server(
    installation: Installation, snapshot: Path | None, environment: str | None, local: Caller | None
) -> McpServer:
    """Make the server; sessions are opened by requests.

    Args:
        installation: whose settings count.
        snapshot: a folder; running systems are read without one.
        environment: of the systems, where they reach several.
        local: who calls where there is no HTTP request.

    Raises:
        ConfigError: there is nothing to read.
        InputError: the snapshot cannot be used.
    """
    settings = installation.settings
    source = Source(installation, snapshot, environment)
    sessions = Sessions(
        source,
        installation.clock,
        most=settings.mcp.sessions,
        most_of_one=settings.mcp.sessions_of_one,
        idle_s=settings.mcp.idle_s,
        waiting_s=settings.gate.approval_ttl_s,
    )
    tools = described_tools(installation, source.environment, ())
    return McpServer(sessions, local, tools, settings.mcp.calls_at_once)
