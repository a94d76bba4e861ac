"""What a source of runbooks has to be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from ....core.clock import Deadline
from ..documents import Runbook


@dataclass(frozen=True)
class Entry:
    """A page of a source, unread.

    Args:
        stamp: another one whenever its text may be another one.
        changed: when it last changed, as far as its source knows.
        changed_by: the team of whoever changed it; never a person.
    """

    name: str
    stamp: str
    changed: datetime | None = None
    changed_by: str = ""


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


@runtime_checkable
class Listing(Protocol):
    """A source that can say what there is without reading it, so that an index reads only what changed."""

    def entries(self, deadline: Deadline) -> Sequence[Entry]:
        """Every page, by name.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...

    def text(self, name: str) -> str | None:
        """The text of a page that `entries` named; `None` if it is gone or cannot be used."""
        ...
