"""Several alerting systems read as one; if one of them fails, nothing is known rather than half."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ...asked_together import asked_together
from .types import EVENT_LIMIT, AlertsBackend

_SAME_US = 300_000_000
"""Two systems may tell of one alert so long apart: the series of a rule and what it hands on do not begin together."""


class JoinedAlerts:
    """Implements `AlertsBackend` over several of one environment; at least one."""

    def __init__(self, backends: Sequence[AlertsBackend]) -> None:
        self._backends = tuple(backends)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return self._backends[0].environment

    def events(self, end: datetime, deadline: Deadline, *, entities: Sequence[str] = ()) -> pa.Table:
        """The events of all, the newest first; one that two systems tell of comes once."""
        parts = asked_together(self._backends, lambda backend: backend.events(end, deadline, entities=entities))
        found = pa.concat_tables(_without_doubles(parts))
        return found.sort_by([("ts_us", "descending"), ("name", "ascending"), ("entity", "ascending")]).slice(
            0, EVENT_LIMIT
        )


def _without_doubles(parts: Sequence[pa.Table]) -> list[pa.Table]:
    """What several systems tell, once: by the system that knows more labels, or stands first."""
    if len(parts) == 1:
        return list(parts)
    told: dict[tuple[str, str, str], list[tuple[int, int, frozenset[tuple[str, str]]]]] = defaultdict(list)
    rows = [part.select(["ts_us", "name", "entity", "state", "labels"]).to_pylist() for part in parts]
    for place, members in enumerate(rows):
        for row in members:
            key = (row["name"] or "", row["entity"] or "", row["state"] or "")
            told[key].append((place, row["ts_us"], frozenset(row["labels"] or ())))

    def is_double(place: int, row: dict[str, Any]) -> bool:
        labels = frozenset(row["labels"] or ())
        near = [
            (other, more)
            for other, at_us, more in told[row["name"] or "", row["entity"] or "", row["state"] or ""]
            if other != place and abs(at_us - row["ts_us"]) <= _SAME_US
        ]
        if equal := [other for other, more in near if more == labels]:
            return min(equal) < place
        return any(labels < more for _, more in near)

    return [
        part.filter(pa.array([not is_double(place, row) for row in members], pa.bool_()))
        for place, (part, members) in enumerate(zip(parts, rows, strict=True))
    ]
