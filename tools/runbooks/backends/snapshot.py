"""Runbooks of a snapshot."""

from __future__ import annotations

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...snapshots.store import SnapshotStore
from ..documents import Runbook, parse


class SnapshotRunbooks:
    """Reads `runbooks/*.md`; implements `RunbooksBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def documents(self, deadline: Deadline) -> tuple[Runbook, ...]:
        """The runbooks of the snapshot's folder, by name."""
        if deadline.passed:
            raise BackendError("no time was left to read the runbooks", remedy="give the call a longer deadline")
        return tuple(parse(name, text) for name, text in self._store.runbooks())
