"""What was altered in a cluster, and what the cluster says happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...kubernetes.alterations import BESIDE, NEEDED, alterations
from ...kubernetes.backends.types import KubernetesBackend
from .types import CHANGE_LIMIT, NOTICE_LIMIT, RECORDED_COLUMNS, FoundChanges


class KubernetesChanges:
    """Implements `ChangesBackend` over a cluster's objects."""

    def __init__(self, cluster: KubernetesBackend) -> None:
        self._cluster = cluster

    @property
    def environment(self) -> str:
        """The environment of the cluster."""
        return self._cluster.environment

    def between(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> FoundChanges:
        """Alterations in `[start, end)` as far as the present objects tell of them.

        Raises:
            BackendError: the workloads or their revisions could not be listed.
        """
        parts = [self._cluster.objects(NEEDED, deadline)]
        missed: list[str] = []
        for kind in BESIDE:
            try:
                parts.append(self._cluster.objects((kind,), deadline))
            except BackendError as error:
                missed.append(error.message)
        if not all(part.is_whole for part in parts):
            missed.append("not all objects of the cluster can be read")
        wanted = {kind.lower() for kind in kinds}
        rows = [
            row
            for row in alterations(one for part in parts for one in part.objects)
            if start <= row["ts"] < end
            and (not entities or row["entity"] in entities)
            and (not wanted or row["kind"] in wanted)
        ]
        rows.sort(key=lambda row: (-row["ts"].timestamp(), row["entity"], row["id"]))
        table = pa.Table.from_pylist(rows[:CHANGE_LIMIT], schema=RECORDED_COLUMNS)
        return FoundChanges(len(rows), table, tuple(missed))


class KubernetesNotices:
    """Implements `NoticesBackend` over a cluster's events."""

    def __init__(self, cluster: KubernetesBackend) -> None:
        self._cluster = cluster

    @property
    def environment(self) -> str:
        """The environment of the cluster."""
        return self._cluster.environment

    def notices(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """Events in `[start, end)`, oldest first."""
        found = self._cluster.events(start, end, deadline)
        return found.slice(max(found.num_rows - NOTICE_LIMIT, 0))
