"""Several alerting systems read as one; if one of them fails, nothing is known rather than half."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from .types import EVENT_LIMIT, AlertsBackend


class JoinedAlerts:
    """Implements `AlertsBackend` over several of one environment; at least one."""

    def __init__(self, backends: Sequence[AlertsBackend]) -> None:
        self._backends = tuple(backends)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return self._backends[0].environment

    def events(self, end: datetime, deadline: Deadline, *, entities: Sequence[str] = ()) -> pa.Table:
        """The events of all, the newest first."""
        found = pa.concat_tables([backend.events(end, deadline, entities=entities) for backend in self._backends])
        return found.sort_by([("ts_us", "descending"), ("name", "ascending"), ("entity", "ascending")]).slice(
            0, EVENT_LIMIT
        )
