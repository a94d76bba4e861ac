"""Topology of a snapshot."""

from __future__ import annotations

import pyarrow as pa

from ....core.clock import Deadline
from ...snapshots.schema import TABLES, TableName
from ...snapshots.store import SnapshotStore
from .types import EDGE_COLUMNS

_DECLARED = """
    SELECT caller, callee, first(kind ORDER BY kind) AS kind, 'declared' AS source, NULL::BIGINT AS calls
    FROM topology WHERE caller <> '' AND callee <> '' GROUP BY caller, callee ORDER BY caller, callee
"""
_SEEN = """
    WITH ends AS (
        SELECT coalesce(trace_id, '') AS trace_id, span_id, nullif(parent_id, '') AS parent_id, entity
        FROM spans WHERE entity <> ''
    )
    SELECT parent.entity AS caller, child.entity AS callee, 'call' AS kind, 'spans' AS source, count(*) AS calls
    FROM ends AS child JOIN ends AS parent ON child.trace_id = parent.trace_id AND child.parent_id = parent.span_id
    WHERE parent.entity <> child.entity GROUP BY 1, 2 ORDER BY 1, 2
"""
_SOURCES: tuple[tuple[TableName, str], ...] = (("topology", _DECLARED), ("spans", _SEEN))


class SnapshotTopology:
    """Reads `topology.parquet`, or `spans.parquet` if that is empty; implements `TopologyBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def edges(self, deadline: Deadline) -> pa.Table:
        """The declared edges, or if there are none those between the entities of parent and child spans."""
        for table, sql in _SOURCES:
            if self._store.has(table):
                found = self._store.query(sql, deadline=deadline).cast(EDGE_COLUMNS)
                if found.num_rows:
                    return found
        return EDGE_COLUMNS.empty_table()

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """Entities of all tables, callers and callees among them."""
        names = [
            f'SELECT DISTINCT "{column}" AS entity FROM {table}'  # noqa: S608 - both names come from our schema
            for table in TABLES
            if self._store.has(table)
            for column in _entity_columns(table)
        ]
        if not names:
            return ()
        found = self._store.query(f"{' UNION '.join(names)} ORDER BY entity", deadline=deadline)
        return tuple(name for name in found["entity"].to_pylist() if name)


def _entity_columns(table: TableName) -> tuple[str, ...]:
    return tuple(name for name in ("entity", "caller", "callee") if name in TABLES[table].names)
