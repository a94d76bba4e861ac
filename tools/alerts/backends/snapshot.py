"""Alerts of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ...snapshots.store import SnapshotStore
from ...windows import to_us
from .types import EVENT_COLUMNS, EVENT_LIMIT

_EVENTS = f"""
    SELECT epoch_us(ts) AS ts_us, name, entity, severity, state, summary, labels
    FROM alerts WHERE ts < $end AND (len($entities::VARCHAR[]) = 0 OR list_contains($entities::VARCHAR[], entity))
    ORDER BY ts DESC, name, entity LIMIT {EVENT_LIMIT}
"""  # noqa: S608 - all parts are ours


class SnapshotAlerts:
    """Reads `alerts.parquet` and the alert that opened the incident; implements `AlertsBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def events(self, end: datetime, deadline: Deadline, *, entities: Sequence[str] = ()) -> pa.Table:
        """The rows of the table; the alert of the manifest too, unless the table knows it."""
        found = EVENT_COLUMNS.empty_table()
        if self._store.has("alerts"):
            found = self._store.query(_EVENTS, {"end": end, "entities": list(entities)}, deadline).cast(EVENT_COLUMNS)
        alert = self._store.manifest.alert
        if alert is None or (entities and alert.entity not in entities):
            return found
        if (alert.name, alert.entity) in zip(found["name"].to_pylist(), found["entity"].to_pylist(), strict=True):
            return found
        moment = alert.ts or self._store.manifest.window.start
        if moment >= end:
            return found
        opened = {
            "ts_us": to_us(moment),
            "name": alert.name,
            "entity": alert.entity,
            "severity": alert.severity,
            "state": "firing",
            "summary": alert.summary,
            "labels": [],
        }
        return pa.concat_tables([found, pa.Table.from_pylist([opened], schema=EVENT_COLUMNS)])
