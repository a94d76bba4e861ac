"""Several feeds of notices read as one; if one of them fails, nothing is known rather than half."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ...asked_together import asked_together
from .types import NOTICE_LIMIT, NoticesBackend


class JoinedNotices:
    """Implements `NoticesBackend` over several of one environment; at least one."""

    def __init__(self, backends: Sequence[NoticesBackend]) -> None:
        self._backends = tuple(backends)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return self._backends[0].environment

    def notices(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """The notices of all, oldest first."""
        found = pa.concat_tables(asked_together(self._backends, lambda backend: backend.notices(start, end, deadline)))
        return found.sort_by([("ts", "ascending"), ("entity", "ascending"), ("reason", "ascending")]).slice(
            0, NOTICE_LIMIT
        )
