"""What a system that keeps watched tables has to be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ....core.clock import Deadline
from ..profile import PartitionProfile
from ..rules import TableRules


@dataclass(frozen=True)
class Watched:
    """A table and the day to judge.

    Args:
        rules: that people keep.
        past: days that were well, in order.
        day: to judge.
    """

    rules: TableRules
    past: tuple[PartitionProfile, ...]
    day: PartitionProfile


class QualityBackend(Protocol):
    """A system that keeps tables by day."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def tables(self) -> tuple[str, ...]:
        """The tables that are watched."""
        ...

    def watched(self, table: str, deadline: Deadline) -> Watched | None:
        """A table with its newest day; `None` if there is no such day.

        Raises:
            BackendError: it did not answer, or not before the deadline.
            ToolRetry: it knows no such table.
        """
        ...
