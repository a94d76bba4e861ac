"""Several sources of the call graph read as one; if one of them fails, nothing is known rather than half."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ....core.clock import Deadline
from .types import EDGE_COLUMNS, TopologyBackend


class JoinedTopology:
    """Implements `TopologyBackend` over several of one environment; at least one."""

    def __init__(self, backends: Sequence[TopologyBackend]) -> None:
        self._backends = tuple(backends)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return self._backends[0].environment

    def edges(self, deadline: Deadline) -> pa.Table:
        """The edges of all; of one that several know, what is declared, else what the first says."""
        known: dict[tuple[str, str], dict[str, object]] = {}
        for backend in self._backends:
            for row in backend.edges(deadline).to_pylist():
                pair = (row["caller"], row["callee"])
                if pair not in known or (row["source"] == "declared" and known[pair]["source"] != "declared"):
                    known[pair] = row
        return pa.Table.from_pylist([known[pair] for pair in sorted(known)], schema=EDGE_COLUMNS)

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The names that any of them knows."""
        return tuple(sorted({name for backend in self._backends for name in backend.entities(deadline)}))
