"""Changes and notices of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ...snapshots.store import SnapshotStore
from .types import CHANGE_LIMIT, NOTICE_COLUMNS, NOTICE_LIMIT, RECORDED_COLUMNS, FoundChanges

_MATCHED = """
    FROM changes WHERE ts >= $start AND ts < $end
      AND (len($entities::VARCHAR[]) = 0 OR list_contains($entities::VARCHAR[], entity))
      AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], lower(kind)))
"""
_COUNT = f"SELECT count(*) AS n {_MATCHED}"
_NEWEST = f"""
    SELECT ts, entity, kind, id, summary, author, attributes {_MATCHED}
    ORDER BY ts DESC, entity, id LIMIT {CHANGE_LIMIT}
"""
_NOTICES = """
    SELECT ts, entity, kind, reason, message, count FROM events WHERE ts >= $start AND ts < $end
    ORDER BY ts, entity, reason LIMIT $limit
"""


class SnapshotNotices:
    """Reads `events.parquet`; implements `NoticesBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def notices(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """Notices in `[start, end)`, oldest first."""
        if not self._store.has("events"):
            return NOTICE_COLUMNS.empty_table()
        where = {"start": start, "end": end, "limit": NOTICE_LIMIT}
        return self._store.query(_NOTICES, where, deadline).cast(NOTICE_COLUMNS)


class SnapshotChanges:
    """Reads `changes.parquet`; implements `ChangesBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def between(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> FoundChanges:
        """Changes in `[start, end)`, newest first."""
        if not self._store.has("changes"):
            return FoundChanges(0, RECORDED_COLUMNS.empty_table())
        where = {"start": start, "end": end, "entities": list(entities), "kinds": [kind.lower() for kind in kinds]}
        matched = self._store.query(_COUNT, where, deadline)["n"][0].as_py()
        rows = self._store.query(_NEWEST, where, deadline).cast(RECORDED_COLUMNS)
        return FoundChanges(matched, rows)
