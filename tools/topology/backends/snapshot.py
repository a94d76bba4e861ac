"""Topology of a snapshot."""

from __future__ import annotations

import pyarrow as pa

from ....core.clock import Deadline
from ...snapshots.held import Queried
from ...snapshots.schema import TABLES, TableName
from ..learned import Learned, with_learned
from .snapshot_spans import SEEN, hosts_of
from .types import EDGE_COLUMNS

_DECLARED = """
    SELECT caller, callee, first(kind ORDER BY kind) AS kind, 'declared' AS source, NULL::BIGINT AS calls
    FROM topology WHERE caller <> '' AND callee <> '' GROUP BY caller, callee ORDER BY caller, callee
"""


class SnapshotTopology:
    """Reads `topology.parquet`, `spans.parquet` and the labels of metrics; implements `TopologyBackend`."""

    def __init__(self, store: Queried) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.environment

    def edges(self, deadline: Deadline) -> pa.Table:
        """The declared edges, and those that spans, and labels naming machines, show besides."""
        declared = EDGE_COLUMNS.empty_table()
        if self._store.has("topology"):
            declared = self._store.query(_DECLARED, deadline=deadline).cast(EDGE_COLUMNS)
        learned: list[Learned] = []
        if self._store.has("spans"):
            columns = self._store.query(SEEN, deadline=deadline)
            learned = list(zip(*(columns[name].to_pylist() for name in columns.column_names), strict=True))
        hosts: list[tuple[str, str, int]] = []
        for table in ("spans", "metrics"):
            if self._store.has(table):
                columns = self._store.query(hosts_of(table), deadline=deadline)
                hosts += zip(*(columns[name].to_pylist() for name in columns.column_names), strict=True)
        if not learned and not hosts:
            return declared
        return with_learned(declared, learned, hosts, self.entities(deadline))

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """Entities of all tables, callers and callees of declared edges among them."""
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
