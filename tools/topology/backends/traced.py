"""What the traces of a live system show of who calls whom, and of how much passes whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pyarrow as pa

from ....core.clock import Clock, Deadline
from ...snapshots.held import HeldTables
from ...snapshots.manifest import Manifest
from ...traces.backends.sampled import SampledTraces
from .snapshot import SnapshotTopology
from .traffic import Passing, SnapshotTraffic

_GRID = timedelta(minutes=1)
_LOOK_BACK = timedelta(hours=1)


class TracedTopology:
    """Implements `TopologyBackend` over the traces of an incident's windows, which are read once for both.

    Args:
        traces: of the same system.
        clock: tells the last hour, which counts where there is no incident.
        incident: whose windows count.
    """

    def __init__(self, traces: SampledTraces, clock: Clock, incident: Manifest | None = None) -> None:
        self._traces = traces
        self._clock = clock
        self._incident = incident

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._traces.environment

    def edges(self, deadline: Deadline) -> pa.Table:
        """The edges that spans show."""
        return SnapshotTopology(self.seen(deadline)).edges(deadline)

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The services that the system lists, and whoever their spans call."""
        edges = self.edges(deadline)
        called = [*edges["caller"].to_pylist(), *edges["callee"].to_pylist()]
        return tuple(sorted({*self._traces.entities(deadline), *called}))

    def seen(self, deadline: Deadline) -> HeldTables:
        """The spans that it is learned from."""
        if self._incident is None:
            now = self._clock.now().replace(second=0, microsecond=0) + _GRID
            return self._traces.between([(now - _LOOK_BACK, now)], deadline)
        windows = (self._incident.baseline, self._incident.window)
        return self._traces.between([(each.start, each.end) for each in windows if each is not None], deadline)


class TracedTraffic:
    """Implements `TrafficBackend` over the same sample: shares hold for all traces, numbers for those read."""

    def __init__(self, graph: TracedTopology) -> None:
        self._graph = graph

    def passing(self, entities: Sequence[str], start: datetime, end: datetime, deadline: Deadline) -> Passing:
        """Traces of the sample with a span that starts in the time range."""
        return SnapshotTraffic(self._graph.seen(deadline)).passing(entities, start, end, deadline)
