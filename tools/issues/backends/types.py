"""What a tracker can do."""

from __future__ import annotations

from typing import Protocol

from ....core.clock import Deadline
from ..types import OpenedIssue


class Issues(Protocol):
    """A tracker in which people find what is theirs to do."""

    @property
    def environment(self) -> str:
        """What it belongs to."""
        ...

    @property
    def place(self) -> str:
        """What people call it."""
        ...

    def open(self, subject: str, title: str, text: str, key: str, deadline: Deadline) -> OpenedIssue:
        """Open an issue, or comment on the open one of the subject; once for a key.

        Raises:
            BackendError: the tracker did not answer, or does not let us.
        """
        ...

    def made(self, subject: str, key: str, deadline: Deadline) -> OpenedIssue | None:
        """The issue that holds what was said under a key; `None` if none does. Raises as `open`."""
        ...
