"""Backends that hand on what another one answers, and have it kept.

They stand between the tools and a live system, so what is kept is what was seen: no question is asked for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pyarrow as pa

from ...core.clock import Deadline
from ...core.errors import BackendError
from ..alerts.backends.types import EVENT_LIMIT, AlertsBackend
from ..changes.backends.types import ChangesBackend, FoundChanges, NoticesBackend
from ..kubernetes.backends.types import FoundObjects, KubernetesBackend
from ..kubernetes.kept import object_rows
from ..logs.backends.types import FoundLines, LogsBackend
from ..logs.grouped import GroupedLines
from ..logs.levels import Level
from ..metrics.backends.joined import JoinedMetrics
from ..metrics.backends.types import Evaluating, MetricsBackend
from ..metrics.series import SeriesSet
from ..snapshots.schema import TableName
from ..topology.backends.types import TopologyBackend
from ..traces.backends.types import TracesBackend
from ..traces.operations import Operations
from ..traces.spans import Spans
from ..windows import ComparedWindows, to_us
from .assembled import written_lines
from .pieces import Keeper, Piece, of_series, of_windows


@contextmanager
def _told(keeper: Keeper, table: TableName) -> Iterator[None]:
    """Remember that a system failed; the failure goes its way."""
    try:
        yield
    except BackendError as error:
        keeper.failed(table, error.message)
        raise


class SeenMetrics(JoinedMetrics):
    """One metrics backend. What expressions give is handed on and not kept: a snapshot has no place for it."""

    def __init__(self, backend: MetricsBackend, keeper: Keeper) -> None:
        super().__init__([backend])
        self._backend = backend
        self._keeper = keeper

    def series(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        metric: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> SeriesSet:
        """As the system answers."""
        with _told(self._keeper, "metrics"):
            found = self._backend.series(start, end, deadline, entities=entities, metric=metric, labels=labels)
        self._keeper.keep(of_series(found, start, end))
        return found

    @property
    def evaluating(self) -> Mapping[str, Evaluating]:
        """Those that compute expressions, by name."""
        return self._backend.evaluating if isinstance(self._backend, JoinedMetrics) else super().evaluating


class SeenLogs:
    """Implements `LogsBackend`."""

    def __init__(self, backend: LogsBackend, keeper: Keeper) -> None:
        self._backend = backend
        self._keeper = keeper

    @property
    def environment(self) -> str:
        """The environment of the system."""
        return self._backend.environment

    def search(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        contains: str | None = None,
        levels: Sequence[Level] = (),
        head: int,
        tail: int,
    ) -> FoundLines:
        """As the system answers."""
        with _told(self._keeper, "logs"):
            found = self._backend.search(
                start, end, deadline, entities=entities, contains=contains, levels=levels, head=head, tail=tail
            )
        self._keeper.keep(Piece("lines", found.rows, to_us(start), to_us(end)))
        return found

    def read(self, ids: Sequence[str], deadline: Deadline) -> pa.Table:
        """As the system answers."""
        with _told(self._keeper, "logs"):
            found = self._backend.read(ids, deadline)
        self._keeper.keep(Piece("lines", found))
        return found

    def grouped(self, windows: ComparedWindows, deadline: Deadline) -> GroupedLines:
        """As the system answers."""
        with _told(self._keeper, "logs"):
            found = self._backend.grouped(windows, deadline)
        self._keeper.keep(of_windows("groups", found.rows, windows, {"complete": found.complete}))
        return found


class SeenTraces:
    """Implements `TracesBackend`. Spans are kept as they are read; counts of them cannot be turned back into spans."""

    def __init__(self, backend: TracesBackend, keeper: Keeper) -> None:
        self._backend = backend
        self._keeper = keeper

    @property
    def environment(self) -> str:
        """The environment of the system."""
        return self._backend.environment

    def operations(self, windows: ComparedWindows, deadline: Deadline) -> Operations:
        """As the system answers."""
        with _told(self._keeper, "spans"):
            return self._backend.operations(windows, deadline)

    def spans(self, windows: ComparedWindows, deadline: Deadline, *, with_lines: bool = False) -> Spans:
        """As the system answers."""
        with _told(self._keeper, "spans"):
            found = self._backend.spans(windows, deadline, with_lines=with_lines)
        self._keeper.keep(of_windows("spans", found.rows, windows, {"every": found.every}))
        if found.written is not None and found.lines.num_rows:
            self._keeper.keep(of_windows("written", written_lines(found), windows))
        return found

    def example(
        self, start: datetime, end: datetime, deadline: Deadline, *, entity: str, name: str | None, failed: bool
    ) -> str | None:
        """As the system answers."""
        return self._backend.example(start, end, deadline, entity=entity, name=name, failed=failed)

    def trace(self, trace_id: str, deadline: Deadline) -> pa.Table:
        """As the system answers."""
        return self._backend.trace(trace_id, deadline)


class SeenTopology:
    """Implements `TopologyBackend`."""

    def __init__(self, backend: TopologyBackend, keeper: Keeper) -> None:
        self._backend = backend
        self._keeper = keeper

    @property
    def environment(self) -> str:
        """The environment of the system."""
        return self._backend.environment

    def edges(self, deadline: Deadline) -> pa.Table:
        """As the system answers."""
        with _told(self._keeper, "topology"):
            found = self._backend.edges(deadline)
        self._keeper.keep(Piece("edges", found))
        return found

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """As the system answers."""
        return self._backend.entities(deadline)


class SeenChanges:
    """Implements `ChangesBackend`."""

    def __init__(self, backend: ChangesBackend, keeper: Keeper) -> None:
        self._backend = backend
        self._keeper = keeper

    @property
    def environment(self) -> str:
        """The environment of the system."""
        return self._backend.environment

    def between(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> FoundChanges:
        """As the system answers."""
        with _told(self._keeper, "changes"):
            found = self._backend.between(start, end, deadline, entities=entities, kinds=kinds)
        cut = max(0, found.matched - found.rows.num_rows)
        self._keeper.keep(Piece("changes", found.rows, to_us(start), to_us(end), cut=cut))
        return found


class SeenNotices:
    """Implements `NoticesBackend`."""

    def __init__(self, backend: NoticesBackend, keeper: Keeper) -> None:
        self._backend = backend
        self._keeper = keeper

    @property
    def environment(self) -> str:
        """The environment of the system."""
        return self._backend.environment

    def notices(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """As the system answers."""
        with _told(self._keeper, "events"):
            found = self._backend.notices(start, end, deadline)
        self._keeper.keep(Piece("notices", found, to_us(start), to_us(end)))
        return found


class SeenCluster:
    """Implements `KubernetesBackend`. The objects of each kind are kept as they were first seen."""

    def __init__(self, backend: KubernetesBackend, keeper: Keeper) -> None:
        self._backend = backend
        self._keeper = keeper
        self._lock = threading.Lock()
        self._kept: set[str] = set()

    @property
    def name(self) -> str:
        """What people call the cluster."""
        return self._backend.name

    @property
    def environment(self) -> str:
        """The environment of the cluster."""
        return self._backend.environment

    def objects(self, kinds: Sequence[str], deadline: Deadline) -> FoundObjects:
        """As the cluster answers."""
        with _told(self._keeper, "objects"):
            found = self._backend.objects(kinds, deadline)
        with self._lock:
            new = set(kinds) - self._kept
            self._kept |= new
        if new:
            rows = object_rows((one for one in found.objects if one.kind in new), found.at)
            self._keeper.keep(Piece("objects", rows, cut=0 if found.is_whole else 1))
        return found

    def events(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """As the cluster answers."""
        with _told(self._keeper, "events"):
            found = self._backend.events(start, end, deadline)
        self._keeper.keep(Piece("notices", found, to_us(start), to_us(end)))
        return found


class SeenAlerts:
    """Implements `AlertsBackend`."""

    def __init__(self, backend: AlertsBackend, keeper: Keeper) -> None:
        self._backend = backend
        self._keeper = keeper

    @property
    def environment(self) -> str:
        """The environment of the system."""
        return self._backend.environment

    def events(self, end: datetime, deadline: Deadline, *, entities: Sequence[str] = ()) -> pa.Table:
        """As the system answers."""
        with _told(self._keeper, "alerts"):
            found = self._backend.events(end, deadline, entities=entities)
        # A full answer may have left out older ones; how many, nobody says.
        self._keeper.keep(Piece("alerts", found, 0, to_us(end), cut=1 if found.num_rows >= EVENT_LIMIT else 0))
        return found


_SEEN: Mapping[str, Callable[[Any, Keeper], Any]] = {
    "metrics": SeenMetrics,
    "logs": SeenLogs,
    "traces": SeenTraces,
    "topology": SeenTopology,
    "changes": SeenChanges,
    "notices": SeenNotices,
    "alerts": SeenAlerts,
    "kubernetes": SeenCluster,
}


def recorded(live: Mapping[str, Any], keeper: Keeper) -> dict[str, Any]:
    """The live backends, with what they answer kept; a domain that a snapshot has no table for is handed on."""
    return {domain: _SEEN[domain](backend, keeper) if domain in _SEEN else backend for domain, backend in live.items()}
