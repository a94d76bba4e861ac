"""Several clusters of one environment read as one; if one of them fails, nothing is known rather than half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ...asked_together import asked_together
from .types import MOST_EVENTS, FoundObjects, KubernetesBackend


class JoinedClusters:
    """Implements `KubernetesBackend` over several; at least one."""

    def __init__(self, backends: Sequence[KubernetesBackend]) -> None:
        self._backends = tuple(backends)

    @property
    def name(self) -> str:
        """The names of all."""
        return ", ".join(backend.name for backend in self._backends)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return self._backends[0].environment

    def objects(self, kinds: Sequence[str], deadline: Deadline) -> FoundObjects:
        """The objects of all; where there are several clusters, a namespace says which one it is in."""
        found = asked_together(self._backends, lambda backend: backend.objects(kinds, deadline))
        if len(found) == 1:
            return found[0]
        objects = tuple(
            replace(one, namespace=f"{backend.name}:{one.namespace}")
            for backend, part in zip(self._backends, found, strict=True)
            for one in part.objects
        )
        return FoundObjects(objects, min(part.at for part in found), all(part.is_whole for part in found))

    def events(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """The events of all, oldest first."""
        found = pa.concat_tables(asked_together(self._backends, lambda backend: backend.events(start, end, deadline)))
        ordered = found.sort_by([("ts", "ascending"), ("entity", "ascending"), ("reason", "ascending")])
        return ordered.slice(max(ordered.num_rows - MOST_EVENTS, 0))
