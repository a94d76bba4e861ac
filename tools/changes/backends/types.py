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
    """How many changes match, and the newest of them (`RECORDED_COLUMNS`, newest first, at most `CHANGE_LIMIT`)."""

    matched: int
    rows: pa.Table


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
