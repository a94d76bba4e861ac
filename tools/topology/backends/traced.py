"""What the traces of a live system show of who calls whom, and of how much passes whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ...snapshots.held import HeldTables
from ...snapshots.manifest import Manifest
from ...traces.backends.sampled import SampledTraces
from .snapshot import SnapshotTopology
from .traffic import Passing, SnapshotTraffic


class TracedTopology:
    """Implements `TopologyBackend` over the traces of an incident's windows, which are read once for both.

    Args:
        traces: of the same system.
        incident: whose windows count.
    """

    def __init__(self, traces: SampledTraces, incident: Manifest) -> None:
        self._traces = traces
        self._incident = incident

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._traces.environment

    def edges(self, deadline: Deadline) -> pa.Table:
        """The edges that spans show."""
        return SnapshotTopology(_held(self._traces, self._incident, deadline)).edges(deadline)

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The services that the system lists, and whoever their spans call."""
        edges = self.edges(deadline)
        called = [*edges["caller"].to_pylist(), *edges["callee"].to_pylist()]
        return tuple(sorted({*self._traces.entities(deadline), *called}))


class TracedTraffic:
    """Implements `TrafficBackend` over the same sample: shares hold for all traces, numbers for those that were read.

    Args:
        traces: of the same system.
        incident: whose windows count.
    """

    def __init__(self, traces: SampledTraces, incident: Manifest) -> None:
        self._traces = traces
        self._incident = incident

    def passing(self, entities: Sequence[str], start: datetime, end: datetime, deadline: Deadline) -> Passing:
        """Traces of the sample with a span that starts in the time range."""
        held = _held(self._traces, self._incident, deadline)
        return SnapshotTraffic(held).passing(entities, start, end, deadline)


def _held(traces: SampledTraces, incident: Manifest, deadline: Deadline) -> HeldTables:
    windows = [incident.baseline, incident.window]
    return traces.between([(each.start, each.end) for each in windows if each is not None], deadline)
