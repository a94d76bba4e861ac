"""Owners of a snapshot: its `catalogue.yaml`, and the labels of its Kubernetes objects."""

from __future__ import annotations

import threading

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...plain_files import read_plain_text
from ...plain_yaml import SIZE_LIMIT_BYTES, DocumentError
from ...snapshots.store import SnapshotStore
from .. import kubernetes
from ..catalogue import Catalogue, merged
from ..reading import read

CATALOGUE_NAME = "catalogue.yaml"
_MOST_OBJECTS = 2_000
_LONGEST_MANIFEST = 100_000
_OBJECTS = """
    SELECT entity, manifest FROM (
        SELECT entity, manifest, ts,
               row_number() OVER (PARTITION BY entity, kind, name ORDER BY ts DESC NULLS LAST) AS age
        FROM objects WHERE entity <> '' AND manifest <> '' AND length(manifest) <= $longest
    ) WHERE age = 1 ORDER BY entity, manifest LIMIT $most
"""


class SnapshotOwners:
    """Implements `OwnersBackend`; reads its files once.

    Args:
        configured: what the operator's own catalogue says; it comes before everything in the snapshot.
    """

    def __init__(self, store: SnapshotStore, configured: Catalogue | None = None) -> None:
        self._store = store
        self._configured = configured or Catalogue()
        self._lock = threading.Lock()
        self._found: Catalogue | None = None

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def catalogue(self, deadline: Deadline) -> Catalogue:
        """Configured, in the snapshot, in labels; a file that cannot be used is named among the problems."""
        with self._lock:
            if self._found is None:
                own = catalogue_of(self._store)
                self._found = merged([self._configured, own, self._labels(deadline)])
            return self._found

    def _labels(self, deadline: Deadline) -> Catalogue:
        if not self._store.has("objects"):
            return Catalogue()
        limits = {"longest": _LONGEST_MANIFEST, "most": _MOST_OBJECTS}
        rows = self._store.query(_OBJECTS, limits, deadline).to_pylist()
        if deadline.passed:
            raise BackendError("no time was left to read the labels of objects", remedy="give the call more time")
        return kubernetes.read((row["entity"], row["manifest"]) for row in rows)


def catalogue_of(store: SnapshotStore) -> Catalogue:
    """The catalogue in a snapshot's folder; empty if there is none, with a problem if it cannot be used."""
    path = store.folder / CATALOGUE_NAME
    if not path.exists() and not path.is_symlink():
        return Catalogue()
    text = read_plain_text(str(path), SIZE_LIMIT_BYTES)
    if text is None:
        return Catalogue(problems=(f"{CATALOGUE_NAME} is a link, or larger than {SIZE_LIMIT_BYTES} bytes",))
    try:
        return read(text)
    except DocumentError as error:
        return Catalogue(problems=(f"{CATALOGUE_NAME}: {error}",))
