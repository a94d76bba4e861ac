"""What an operator can set about the ledger."""

from __future__ import annotations

from pydantic import Field

from ...core.config import Section


class LedgerSettings(Section):
    """How long what entries say at length is kept, and who may erase it."""

    payload_days: int | None = Field(
        default=None, ge=1, le=36_500, description="`audit retain` erases payloads older than this; without it, none"
    )
    erase_roles: frozenset[str] = Field(
        default=frozenset({"erase"}), description="one of these roles is enough to erase payloads"
    )
