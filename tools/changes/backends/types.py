"""What a record of changes has to be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline

CHANGE_LIMIT = 10_000
"""The newest so many changes are read; the rest is only counted."""

RECORDED_COLUMNS = pa.schema(
    [
        ("ts", pa.timestamp("us", tz="UTC")),
        ("entity", pa.string()),
        ("kind", pa.string()),
        ("id", pa.string()),
        ("summary", pa.string()),
        ("author", pa.string()),
        ("attributes", pa.map_(pa.string(), pa.string())),
    ]
)
"""One row per change, as recorded."""


@dataclass(frozen=True)
class FoundChanges:
    """How many changes match, and the newest of them (`RECORDED_COLUMNS`, newest first, at most `CHANGE_LIMIT`).

    Args:
        missed: what did not answer, one line each; its changes are not among them.
    """

    matched: int
    rows: pa.Table
    missed: tuple[str, ...] = ()


NOTICE_LIMIT = 2_000

NOTICE_COLUMNS = pa.schema(
    [
        ("ts", pa.timestamp("us", tz="UTC")),
        ("entity", pa.string()),
        ("kind", pa.string()),
        ("reason", pa.string()),
        ("message", pa.string()),
        ("count", pa.int64()),
    ]
)
"""One row per notice; `kind` is `status` for what a status page says, a cluster's events have kinds of their own."""


class NoticesBackend(Protocol):
    """A feed of what others say happened: status pages of providers, events of a cluster."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def notices(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """Notices in `[start, end)` (`NOTICE_COLUMNS`), oldest first, at most `NOTICE_LIMIT`.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...


class ChangesBackend(Protocol):
    """A record of what was altered."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def between(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> FoundChanges:
        """Changes in `[start, end)`; nothing named means all; kinds match in any case.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...
