"""What a source of topology has to be able to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline

EDGE_COLUMNS = pa.schema(
    [
        ("caller", pa.string()),
        ("callee", pa.string()),
        ("kind", pa.string()),  # as declared; out of spans and metrics: call, query, publishes, consumes, runs_on
        ("source", pa.string()),  # types.EdgeSource
        ("calls", pa.int64()),  # spans, or counted calls, that crossed the edge; null for declared edges
    ]
)
"""One row per edge, by caller and callee; also the artifacts of `topology.graph` and `topology.neighbours`."""

MOST_EDGES = 20_000
"""Edges that one system may bring."""

_MISSED = b"missed"


def without(edges: pa.Table, missed: Sequence[str]) -> pa.Table:
    """Edges with a note of what they are without: sources that did not answer, one line each."""
    return edges.replace_schema_metadata({_MISSED: json.dumps(list(missed)).encode()} if missed else None)


def missed_by(edges: pa.Table) -> tuple[str, ...]:
    """What edges are without; nothing if every source has answered."""
    return tuple(json.loads((edges.schema.metadata or {}).get(_MISSED, b"[]")))


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
