"""The objects and events of a running cluster; it keeps no past, so they are as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pyarrow as pa

from ....core.clock import Clock, Deadline
from ....core.systems.client import SystemClient
from ...changes.backends.types import NOTICE_COLUMNS
from ..happenings import ended_containers, event_rows
from ..objects import WORKLOADS, Object, read_object
from .api import Api
from .settings import KubernetesSettings
from .types import MOST_EVENTS, FoundObjects

_WANTED = ("type!=Normal", "type=Normal,involvedObject.kind!=Pod")
"""Everything out of the ordinary; of the ordinary not what concerns single pods, which is most of it."""


class LiveCluster:
    """Implements `KubernetesBackend`.

    Args:
        client: asks the cluster.
        settings: of the cluster.
        clock: says what now is.
    """

    def __init__(self, client: SystemClient, settings: KubernetesSettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._api = Api(client, settings.namespaces, settings.page, settings.most_objects)

    @property
    def name(self) -> str:
        """What people call it."""
        return self._client.name

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._settings.environment

    def objects(self, kinds: Sequence[str], deadline: Deadline) -> FoundObjects:
        """The objects of these kinds, listed side by side."""
        with ThreadPoolExecutor(self._settings.concurrency, "kubernetes") as pool:
            parts = list(pool.map(lambda kind: self._api.items(kind, deadline), kinds))
        found: list[Object] = []
        for kind, part in zip(kinds, parts, strict=True):
            found += (read_object(kind, item, self._settings.entity_labels) for item in part.items)
        return FoundObjects(tuple(found), self._clock.now(), all(part.is_whole for part in parts))

    def events(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """The cluster's events as far as it still has them, an hour usually, and containers that ended badly."""
        with ThreadPoolExecutor(self._settings.concurrency, "kubernetes") as pool:
            parts = list(pool.map(lambda selector: self._api.items("Event", deadline, selector), _WANTED))
        found = self.objects(("Pod", *WORKLOADS), deadline).objects
        rows = event_rows([item for part in parts for item in part.items], found) + ended_containers(found)
        within = [row for row in rows if start <= row["ts"] < end]
        within.sort(key=lambda row: (row["ts"], row["entity"], row["reason"]))
        return pa.Table.from_pylist(within[-MOST_EVENTS:], schema=NOTICE_COLUMNS)
