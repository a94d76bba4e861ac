"""What a baseline may see of a case: its snapshot, and the labels of the other cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ...core.clock import Clock, Deadline
from ...tools.metrics.backends.snapshot import SnapshotMetrics
from ...tools.metrics.series import Floats, SeriesKey, as_rate
from ...tools.snapshots.schema import TableName
from ...tools.snapshots.store import SnapshotStore
from ..cases import Truth

_READ_LIMIT_S = 300.0

_ENTITY_COLUMNS: tuple[tuple[TableName, str], ...] = (
    ("metrics", "entity"),
    ("logs", "entity"),
    ("spans", "entity"),
    ("changes", "entity"),
    ("topology", "caller"),
    ("topology", "callee"),
)


@dataclass(frozen=True)
class Column:
    """One series, cut into its values in the quiet time and in the incident; both in order of time."""

    key: SeriesKey
    baseline: Floats
    window: Floats


@dataclass(frozen=True)
class ChangeSeen:
    """A change before the alert."""

    ts: datetime
    entity: str
    id: str


class CaseView:
    """The material of the baselines for one case; each part is read when it is first asked for.

    Args:
        truth: the label of this case. Only a baseline that says so looks at it.
        group_peers: labels of the other cases of the same sub-set.
        set_peers: labels of the other cases of the same data set, those of the sub-set among them.
        store: the snapshot.
        clock: for the read deadline.
    """

    def __init__(
        self,
        truth: Truth,
        group_peers: Sequence[Truth],
        set_peers: Sequence[Truth],
        store: SnapshotStore,
        clock: Clock,
    ) -> None:
        self.truth = truth
        self.group_peers = group_peers
        self.set_peers = set_peers
        self._store = store
        self._clock = clock

    @property
    def alert_entity(self) -> str | None:
        """Where the alert fired."""
        alert = self._store.manifest.alert
        return alert.entity if alert else None

    @cached_property
    def entities(self) -> frozenset[str]:
        """All entities that occur in metrics, logs, spans, changes or the call graph: the candidates."""
        found: set[str] = set()
        for table, column in _ENTITY_COLUMNS:
            if self._store.has(table):
                rows = self._store.query(f"SELECT DISTINCT {column} AS name FROM {table} WHERE {column} <> ''")  # noqa: S608 - both are ours
                found.update(rows["name"].to_pylist())
        return frozenset(found)

    @cached_property
    def indicators(self) -> frozenset[tuple[str, str | None]]:
        """All pairs of an entity and one of its metrics."""
        if not self._store.has("metrics"):
            return frozenset()
        rows = self._store.query("SELECT DISTINCT entity, metric FROM metrics WHERE entity <> '' AND metric <> ''")
        return frozenset(zip(rows["entity"].to_pylist(), rows["metric"].to_pylist(), strict=True))

    @cached_property
    def changes(self) -> tuple[ChangeSeen, ...]:
        """The changes up to the alert (up to the end of the window, without one), the newest first."""
        if not self._store.has("changes"):
            return ()
        manifest = self._store.manifest
        until = manifest.alert.ts if manifest.alert and manifest.alert.ts else manifest.window.end
        rows = self._store.query(
            "SELECT ts, coalesce(entity, '') AS entity, id FROM changes WHERE ts <= $until AND id <> '' "
            "ORDER BY ts DESC, id, entity",
            {"until": until},
        )
        columns = (rows[name].to_pylist() for name in ("ts", "entity", "id"))
        return tuple(ChangeSeen(ts, entity, change) for ts, entity, change in zip(*columns, strict=True))

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every series that has samples on both sides, in the order of entity, metric and labels; counters as rates.

        Raises:
            BackendError: the metrics cannot be read.
        """
        quiet, window = self._store.baseline(), self._store.manifest.window
        if quiet is None:
            return ()
        start, end = min(quiet.start, window.start), max(quiet.end, window.end)
        series = SnapshotMetrics(self._store).series(start, end, Deadline(self._clock, _READ_LIMIT_S))
        quiet_us, window_us = ((_us(part.start), _us(part.end)) for part in (quiet, window))
        found = []
        for key, times_us, values in series:
            if key.kind == "counter":
                times_us, values = as_rate(times_us, values)
            before = values[(times_us >= quiet_us[0]) & (times_us < quiet_us[1])]
            during = values[(times_us >= window_us[0]) & (times_us < window_us[1])]
            if key.entity and len(before) and len(during):
                found.append(Column(key, before, during))
        found.sort(key=lambda column: (column.key.entity, column.key.metric, column.key.labels))
        return tuple(found)


def _us(moment: datetime) -> int:
    # A float holds today's microseconds since 1970 exactly (they are below 2**53).
    return round(moment.timestamp() * 1e6)
