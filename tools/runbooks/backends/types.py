"""What a source of runbooks has to be able to do."""

from __future__ import annotations

from typing import Protocol

from ....core.clock import Deadline
from ..documents import Runbook


class RunbooksBackend(Protocol):
    """A place that holds runbooks."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def documents(self, deadline: Deadline) -> tuple[Runbook, ...]:
        """All runbooks, by name; a name is only ever looked up among these, never used as a path.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...
