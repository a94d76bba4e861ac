"""How notices about approvals reach people on this machine: a line on the terminal, or at the end of a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...core.errors import BackendError
from ...policies.cautions import visible
from ...policies.types import Audience, Notice

_LONGEST_LINE = 2_000


class LineSender:
    """Writes a notice as one line that nothing obeys; implements `Sender` for the kinds `terminal` and `file`.

    Args:
        write: takes the line, for the terminal.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Deliver; the name of an audience of the kind `file` is its path.

        Raises:
            BackendError: the file cannot be written.
        """
        line = line_of(notice)
        if audience.kind != "file":
            self._write(line)
            return "shown"
        try:
            # Only whoever runs this may read along; what is there stays.
            handle = os.open(audience.name, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise BackendError(
                f"a notice cannot be written: {error.strerror}", remedy="correct the file in `gate.escalation`"
            ) from error
        return Path(audience.name).name


def line_of(notice: Notice) -> str:
    """A notice about an approval as one line of visible text."""
    body: Mapping[str, Any] = notice.body
    what, environment = str(body.get("what", "")), str(body.get("environment", ""))
    approval_id, asked = str(body.get("approval_id", "")), str(body.get("requested_at", ""))
    if notice.kind == "approval.expired":
        line = f"expired: nobody answered in time: {what} ({environment}), asked {asked}, approval {approval_id}"
        return visible(line)[:_LONGEST_LINE]
    who = (" and " if body.get("needs_every_role") else " or ").join(map(str, body.get("roles", ())))
    told = ", ".join(map(str, body.get("for_roles", ())))
    to = f"to {told}: " if told else ""
    line = (
        f"{to}waits for {who}: {what} ({environment}), asked {asked}, expires {body.get('expires_at', '')}:"
        f" opswarden approvals show {approval_id}"
    )
    return visible(line)[:_LONGEST_LINE]
