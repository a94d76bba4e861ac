"""The call graph that the traces of a live system show."""

from __future__ import annotations

import pyarrow as pa

from ....core.clock import Deadline
from ...snapshots.manifest import Manifest
from ...traces.backends.sampled import SampledTraces
from .snapshot import SnapshotTopology


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
        windows = [self._incident.baseline, self._incident.window]
        held = self._traces.between([(each.start, each.end) for each in windows if each is not None], deadline)
        return SnapshotTopology(held).edges(deadline)

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The services that the system lists, and whoever their spans call."""
        edges = self.edges(deadline)
        called = [*edges["caller"].to_pylist(), *edges["callee"].to_pylist()]
        return tuple(sorted({*self._traces.entities(deadline), *called}))
