"""Several records of changes read as one; one that fails costs its own changes, and what is found says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ...asked_together import asked_each, failure_of
from .types import CHANGE_LIMIT, ChangesBackend, FoundChanges


class JoinedChanges:
    """Implements `ChangesBackend` over several of one environment; at least one."""

    def __init__(self, backends: Sequence[ChangesBackend]) -> None:
        self._backends = tuple(backends)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return self._backends[0].environment

    def between(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> FoundChanges:
        """The changes of all, the newest first.

        Raises:
            BackendError: none of them answered.
        """

        def ask(backend: ChangesBackend) -> FoundChanges:
            return backend.between(start, end, deadline, entities=entities, kinds=kinds)

        found, failed = asked_each(self._backends, ask)
        if not found:
            raise failure_of(failed)
        rows = pa.concat_tables([part.rows for part in found])
        ordered = rows.sort_by([("ts", "descending"), ("entity", "ascending"), ("id", "ascending")])
        missed = (*(why for part in found for why in part.missed), *(error.message for error in failed))
        return FoundChanges(sum(part.matched for part in found), ordered.slice(0, CHANGE_LIMIT), missed)
