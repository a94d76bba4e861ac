"""What people accept of other MCP servers' tools, in the ledger."""

from __future__ import annotations

from .ledger.types import Ledger, LedgerEntry
from .switches import INSTALLATION


def record_server_accepted(ledger: Ledger, server: str, tool: str, fingerprint: str, by: str) -> None:
    """Write down who accepts what, before it counts.

    Args:
        ledger: of the installation.
        server: by its name in the configuration.
        tool: by ours.
        fingerprint: of what the server says of the tool.
        by: `person:<name>`.

    Raises:
        LedgerError: it could not be recorded; then it must not be accepted.
    """
    body = {"server": server, "tool": tool, "fingerprint": fingerprint, "by": by}
    ledger.append([LedgerEntry("server.accepted", INSTALLATION, body)])
