"""A fleet folder that is there already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ...fleets.schema import FLEET_TABLES
from ...fleets.store import FleetStore
from .types import UsageBackend

_BATCH = 262_144


class FolderUsage(UsageBackend):
    """The tables of an open fleet.

    Args:
        store: the fleet.
    """

    def __init__(self, store: FleetStore) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment of the fleet."""
        return self._store.environment

    @property
    def days_at_once(self) -> int:
        """All of them: files are read through."""
        return 3_650

    def usage(self, start: datetime, end: datetime, deadline: Deadline) -> Iterator[pa.Table]:
        """Samples in `[start, end)`, in the order of the files."""
        sql = "SELECT ts, workload, resource, value FROM usage WHERE ts >= $start AND ts < $end"
        with self._store.asking(deadline) as cursor:
            for batch in cursor.sql(sql, params={"start": start, "end": end}).to_arrow_reader(_BATCH):
                yield pa.Table.from_batches([batch]).cast(FLEET_TABLES["usage"])

    def sizes(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """Sizes that held at the start, and every change in `[start, end)`."""
        sql = (
            "SELECT * FROM sizes WHERE ts < $end QUALIFY ts >= $start"
            " OR row_number() OVER (PARTITION BY workload, resource, ts >= $start ORDER BY ts DESC) = 1"
            " ORDER BY workload, resource, ts"
        )
        return self._store.query(sql, {"start": start, "end": end}, deadline).cast(FLEET_TABLES["sizes"])

    def happenings(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """What happened in `[start, end)`."""
        sql = "SELECT * FROM happenings WHERE ts >= $start AND ts < $end ORDER BY ts, workload, kind"
        return self._store.query(sql, {"start": start, "end": end}, deadline).cast(FLEET_TABLES["happenings"])

    def workloads(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """All workloads of the fleet; it does not say when they ran."""
        return self._store.rows("workloads", deadline=deadline)

    def notes(self) -> tuple[str, ...]:
        """What is not there, by table."""
        return tuple(f"there is no table {name!r}" for name in ("happenings",) if not self._store.has(name))
