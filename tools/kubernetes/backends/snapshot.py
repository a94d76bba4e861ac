"""The objects and events that a snapshot kept of a cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...changes.backends.types import NOTICE_COLUMNS
from ...plain_yaml import DocumentError, documents
from ...snapshots.store import SnapshotStore
from ..objects import KINDS, Object, read_object
from .types import MOST_EVENTS, FoundObjects

_MOST = 20_000
_LONGEST_MANIFEST = 256_000
_OBJECTS = f"""
    SELECT ts, entity, kind, name, manifest FROM objects
    WHERE list_contains($kinds::VARCHAR[], lower(kind)) AND length(manifest) <= {_LONGEST_MANIFEST}
    ORDER BY ts > $end, abs(epoch_us(ts) - epoch_us($end::TIMESTAMPTZ)), kind, name LIMIT {_MOST + 1}
"""  # noqa: S608 - all parts are ours
_EVENTS = f"""
    SELECT * FROM (
        SELECT ts, entity, kind, reason, message, count FROM events
        WHERE ts >= $start AND ts < $end AND lower(coalesce(kind, '')) <> 'status'
        ORDER BY ts DESC, entity, reason LIMIT {MOST_EVENTS}
    ) ORDER BY ts, entity, reason
"""  # noqa: S608 - all parts are ours


class SnapshotCluster:
    """Reads `objects.parquet` and `events.parquet`; implements `KubernetesBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    @property
    def name(self) -> str:
        """The title of the snapshot."""
        return self._store.manifest.title

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def objects(self, kinds: Sequence[str], deadline: Deadline) -> FoundObjects:
        """The newest of each object up to the end of the window, or else the next one after it.

        A manifest that cannot be read is left out. A cluster that was captured after the incident has the latter alone.
        """
        end = self._store.manifest.window.end
        if not self._store.has("objects"):
            return FoundObjects((), end)
        canonical = {kind.lower(): kind for kind in kinds if kind in KINDS}
        rows = self._store.query(_OBJECTS, {"end": end, "kinds": list(canonical)}, deadline).to_pylist()
        found: dict[tuple[str, str, str], Object] = {}
        moments = []
        is_whole = len(rows) <= _MOST
        for row in rows[:_MOST]:
            if deadline.passed:
                raise BackendError("no time was left to read the objects", remedy="give the call more time")
            manifest = _manifest(row["manifest"] or "")
            if manifest is None:
                is_whole = False
                continue
            named = {"name": row["name"] or "", **(manifest.get("metadata") or {})}
            one = read_object(canonical[row["kind"].lower()], {**manifest, "metadata": named}, (), row["entity"] or "")
            if found.setdefault(one.place, one) is one:
                moments.append(row["ts"])
        return FoundObjects(tuple(found.values()), max(moments, default=end), is_whole)

    def events(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """The rows of the table, without what status pages say."""
        if not self._store.has("events"):
            return NOTICE_COLUMNS.empty_table()
        return self._store.query(_EVENTS, {"start": start, "end": end}, deadline).cast(NOTICE_COLUMNS)


def _manifest(written: str) -> Mapping[str, Any] | None:
    """An object out of JSON or YAML."""
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        try:
            value = next((document.value for document in documents(written)), None)
        except DocumentError:
            return None
    return value if isinstance(value, dict) and isinstance(value.get("metadata") or {}, dict) else None
