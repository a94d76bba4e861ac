"""What a source of topology has to be able to do."""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline

EDGE_COLUMNS = pa.schema(
    [
        ("caller", pa.string()),
        ("callee", pa.string()),
        ("kind", pa.string()),  # as declared; out of spans: call, query, publishes, consumes, runs_on
        ("source", pa.string()),  # types.EdgeSource
        ("calls", pa.int64()),  # spans that crossed the edge; null for declared edges
    ]
)
"""One row per edge, by caller and callee; also the artifacts of `topology.graph` and `topology.neighbours`."""


class TopologyBackend(Protocol):
    """A system that knows who calls whom. Methods raise `BackendError` if they do not answer before the deadline."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def edges(self, deadline: Deadline) -> pa.Table:
        """All edges (`EDGE_COLUMNS`): the declared ones, and besides those that spans and labels of machines show."""
        ...

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """Every entity named anywhere, by name; also what redaction lets pass unchanged."""
        ...
