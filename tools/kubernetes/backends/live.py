"""The objects and events of a running cluster; it keeps no past, so they are as they are now."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from ....core.clock import Clock, Deadline
from ....core.errors import BackendError
from ....core.systems.client import SystemClient
from ...changes.backends.types import NOTICE_COLUMNS
from ..happenings import ended_containers, event_rows
from ..objects import KINDS, WORKLOADS, Object, read_object
from .api import Api
from .settings import KubernetesSettings
from .types import MOST_EVENTS, FoundObjects

_WANTED = ("type!=Normal", "type=Normal,involvedObject.kind!=Pod")
"""Everything out of the ordinary; of the ordinary not what concerns single pods, which is most of it."""


@dataclass(frozen=True)
class _Listed:
    """The objects of a kind as they were at a moment."""

    objects: tuple[Object, ...]
    at: datetime
    is_whole: bool
    until: float


class LiveCluster:
    """Implements `KubernetesBackend`. What was listed serves for `shared_s`, without being asked for or read again.

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
        self._held: dict[str, _Listed] = {}
        self._locks = {kind: threading.Lock() for kind in KINDS}

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
            parts = list(pool.map(lambda kind: self._listed(kind, deadline), kinds))
        objects = tuple(one for part in parts for one in part.objects)
        return FoundObjects(objects, min(part.at for part in parts), all(part.is_whole for part in parts))

    def _listed(self, kind: str, deadline: Deadline) -> _Listed:
        """The objects of one kind; whoever asks while they are being listed waits for them."""
        if not self._locks[kind].acquire(timeout=deadline.left_s):
            raise BackendError(f"{self.name} is still listing {kind} objects", remedy="give the call more time")
        try:
            held = self._held.get(kind)
            if held is None or held.until <= self._clock.monotonic():
                found = self._api.items(kind, deadline)
                objects = tuple(read_object(kind, item, self._settings.entity_labels) for item in found.items)
                until = self._clock.monotonic() + self._settings.shared_s
                held = self._held[kind] = _Listed(objects, self._clock.now(), found.is_whole, until)
            return held
        finally:
            self._locks[kind].release()

    def events(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """The cluster's events as far as it still has them, an hour usually, and containers that ended badly."""
        with ThreadPoolExecutor(self._settings.concurrency, "kubernetes") as pool:
            parts = list(pool.map(lambda selector: self._api.items("Event", deadline, selector), _WANTED))
        found = self.objects(("Pod", *WORKLOADS), deadline).objects
        rows = event_rows([item for part in parts for item in part.items], found) + ended_containers(found)
        within = [row for row in rows if start <= row["ts"] < end]
        within.sort(key=lambda row: (row["ts"], row["entity"], row["reason"]))
        return pa.Table.from_pylist(within[-MOST_EVENTS:], schema=NOTICE_COLUMNS)
