"""How much of the traffic passes an entity, one class per system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ....core.clock import Deadline
from ...asked_together import asked_together
from ...snapshots.held import Queried

_EXACT_SPANS = 3_000_000
"""With more spans the traces are counted by a sketch, which is a few per cent off and takes constant memory."""
_SHARE = """
    SELECT {count}(trace_id) AS traces,
           {count}(CASE WHEN list_contains($entities::VARCHAR[], entity) THEN trace_id END) AS passing
    FROM spans WHERE trace_id <> '' AND start >= $start AND start < $end
"""
_EXACT = _SHARE.replace("{count}(", "count(DISTINCT ")
_SKETCHED = _SHARE.replace("{count}(", "approx_count_distinct(")


@dataclass(frozen=True)
class Passing:
    """Traces of a stretch of time, and those of them in which one of some entities took part."""

    traces: int
    passing: int


class TrafficBackend(Protocol):
    """A system that sees whole requests."""

    def passing(self, entities: Sequence[str], start: datetime, end: datetime, deadline: Deadline) -> Passing:
        """How many traces there are in `[start, end)`, and how many pass one of the entities.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...


class SnapshotTraffic:
    """Reads `spans.parquet`; implements `TrafficBackend`."""

    def __init__(self, store: Queried) -> None:
        self._store = store

    def passing(self, entities: Sequence[str], start: datetime, end: datetime, deadline: Deadline) -> Passing:
        """Traces with a span that starts in the time range."""
        if not self._store.has("spans"):
            return Passing(0, 0)
        spans = self._store.query("SELECT count(*) AS n FROM spans", deadline=deadline)["n"][0].as_py()
        sql = _EXACT if spans <= _EXACT_SPANS else _SKETCHED
        found = self._store.query(sql, {"entities": list(entities), "start": start, "end": end}, deadline)
        return Passing(found["traces"][0].as_py(), found["passing"][0].as_py())


class JoinedTraffic:
    """Implements `TrafficBackend` over several of one environment that hold different traces; at least one."""

    def __init__(self, backends: Sequence[TrafficBackend]) -> None:
        self._backends = tuple(backends)

    def passing(self, entities: Sequence[str], start: datetime, end: datetime, deadline: Deadline) -> Passing:
        """The traces of all."""
        found = asked_together(self._backends, lambda backend: backend.passing(entities, start, end, deadline))
        return Passing(sum(each.traces for each in found), sum(each.passing for each in found))
