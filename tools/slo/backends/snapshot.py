"""Service level objectives of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence

from ....core.clock import Deadline
from ...snapshots.store import SnapshotStore
from .types import SLO_LIMIT, Slo

_SLOS = """
    SELECT entity, name, objective, window_s, query FROM slos
    WHERE entity <> '' AND (len($entities::VARCHAR[]) = 0 OR list_contains($entities::VARCHAR[], entity))
    ORDER BY entity, name, query LIMIT $most
"""


class SnapshotSlos:
    """Reads `slos.parquet`, and after it what else declares promises; implements `SloBackend`.

    Args:
        further: promises from elsewhere, such as a service catalogue; one that the table names too is the table's.
    """

    def __init__(self, store: SnapshotStore, further: Sequence[Slo] = ()) -> None:
        self._store = store
        self._further = further

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def slos(self, deadline: Deadline, *, entities: Sequence[str] = ()) -> tuple[Slo, ...]:
        """The declared promises."""
        found: list[Slo] = []
        if self._store.has("slos"):
            rows = self._store.query(_SLOS, {"entities": list(entities), "most": SLO_LIMIT}, deadline).to_pylist()
            found = [
                Slo(row["entity"], row["name"] or "", row["objective"], row["window_s"], row["query"] or "")
                for row in rows
            ]
        known = {(slo.entity, slo.name) for slo in found}
        more = [
            slo
            for slo in self._further
            if (slo.entity, slo.name) not in known and (not entities or slo.entity in entities)
        ]
        return tuple([*found, *more][:SLO_LIMIT])
