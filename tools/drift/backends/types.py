"""What a system that keeps scored rows has to be able to do."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ....core.clock import Deadline
from ..rows import ScoredRows

MOST_ROWS = 2_000_000
"""Of one period; of more, a sample is drawn that is the same every time."""


class ScoredRowsBackend(Protocol):
    """A system that keeps the rows that models scored."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def models(self) -> tuple[str, ...]:
        """The models of which rows are kept."""
        ...

    def reference(self, model: str, deadline: Deadline) -> ScoredRows:
        """The period that the model is measured by.

        Raises:
            BackendError: it did not answer, or not before the deadline.
            ToolRetry: it knows no such model.
        """
        ...

    def window(self, model: str, start: datetime | None, end: datetime | None, deadline: Deadline) -> ScoredRows | None:
        """The rows of `[start, end)`; `None` if there is none.

        Raises:
            BackendError, ToolRetry: as `reference`.
        """
        ...
