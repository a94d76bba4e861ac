"""Looking at other MCP servers, and accepting what they say of their tools."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ...core.clock import to_iso
from ...core.errors import InputError, OpswardenError
from ...policies.server_accepted import record_server_accepted
from ...tools.mcp.backends.client import McpClient
from ...tools.mcp.listing import Listed
from ...tools.mcp.settings import ServerSettings
from ...tools.mcp.tools import tool_name
from ..installation import Installation

State = Literal["accepted", "new", "changed", "missing", "unreachable"]


@dataclass(frozen=True)
class Looked:
    """One listed tool of a server, as it is now.

    Args:
        tool: our name.
        foreign: the server's.
        listed: what the server says; `None` if it does not have it, or does not answer.
        why: what is wrong with the server.
    """

    server: str
    tool: str
    foreign: str
    effect: str
    environment: str
    state: State
    listed: Listed | None = None
    why: str = ""


def look_at(installation: Installation, name: str | None = None) -> list[Looked]:
    """Ask every server, or one, for what it says of the tools that the configuration lists.

    Raises:
        InputError: no server of that name is configured.
    """
    servers = installation.settings.mcp_servers
    if name is not None and name not in servers:
        known = ", ".join(sorted(servers)) or "none"
        raise InputError("no MCP server of that name is configured", remedy=f"configured: {known}")
    return [
        found
        for each, settings in sorted(servers.items())
        if name in (None, each)
        for found in _look(installation, each, settings)
    ]


def difference(installation: Installation, looked: Looked) -> list[str]:
    """What a server says of a tool, against what was accepted, in lines that no terminal obeys."""
    assert looked.listed is not None  # noqa: S101 - only what a server lists has a difference
    acceptances = installation.acceptances
    known = acceptances.of(looked.server).get(looked.foreign)
    before, now = _lines(known.shown if known else {}), _lines(acceptances.shown(looked.listed))
    lines = list(difflib.unified_diff(before, now, "accepted", "now", n=2, lineterm=""))
    if known is not None and not lines and known.fingerprint != looked.listed.fingerprint:
        lines = ["it differs only in what redaction takes out"]
    return lines or ["it is again what was accepted before"]


def accept(installation: Installation, looked: Looked, by: str) -> None:
    """Take a tool as it is; recorded before it counts.

    Raises:
        LedgerError: it could not be recorded.
        ConfigError: it could not be kept.
    """
    assert looked.listed is not None  # noqa: S101 - as above
    record_server_accepted(installation.ledger, looked.server, looked.tool, looked.listed.fingerprint, by)
    installation.acceptances.accept(looked.server, looked.listed, by=by, at=to_iso(installation.clock.now()))


def _look(installation: Installation, name: str, settings: ServerSettings) -> list[Looked]:
    named = {each: tool.name or each for each, tool in settings.tools.items()}
    why, found = "", dict[str, Listed]()
    try:
        found = {listed.name: listed for listed in McpClient(name, settings).listed(settings.timeout_s)}
    except OpswardenError as error:
        why = error.message
    looked: list[Looked] = []
    for each, foreign in sorted(named.items()):
        listed = found.get(foreign)
        state: State = "unreachable" if why else "missing"
        if listed is not None:
            state = installation.acceptances.standing(name, listed)
        effect = settings.tools[each].effect
        looked.append(Looked(name, tool_name(name, each), foreign, effect, settings.environment, state, listed, why))
    return looked


def _lines(shown: Mapping[str, str]) -> list[str]:
    """ASCII only: a server may have put in what a terminal hides or obeys."""
    return [f"{part}: {json.dumps(line)[1:-1]}" for part, text in shown.items() for line in text.splitlines() or [""]]
