"""What an alerting system has to be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline

EVENT_COLUMNS = pa.schema(
    [
        ("ts_us", pa.int64()),
        ("name", pa.string()),
        ("entity", pa.string()),
        ("severity", pa.string()),
        ("state", pa.string()),
        ("summary", pa.string()),
        ("labels", pa.map_(pa.string(), pa.string())),
    ]
)
"""One row per moment when an alert began or ceased to fire."""

EVENT_LIMIT = 50_000


class AlertsBackend(Protocol):
    """A system that holds alerts."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def events(self, end: datetime, deadline: Deadline, *, entities: Sequence[str] = ()) -> pa.Table:
        """What alerts did before `end` (`EVENT_COLUMNS`), as far back as is needed to know which ones fire.

        At most the newest `EVENT_LIMIT` rows.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...
