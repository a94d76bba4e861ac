"""Several metrics systems read as one; if one of them fails, nothing is known rather than half."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime

from ....core.clock import Deadline
from ...asked_together import asked_together
from ...read_once import ReadOnce
from ..series import Part, SeriesKey, SeriesSet, joined
from .types import Evaluating, MetricsBackend, Naming

_KEPT = 2
"""Readings that are kept: the onset, shifts and versions of one incident are found in the same series."""


class JoinedMetrics:
    """Implements `MetricsBackend` over several of one environment; at least one."""

    def __init__(self, backends: Sequence[MetricsBackend]) -> None:
        self._backends = tuple(backends)
        self._read = ReadOnce[Hashable, SeriesSet](_KEPT)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return self._backends[0].environment

    def series(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        metric: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> SeriesSet:
        """The samples of all; of a series that two of them hold, those of the first."""
        key = (start, end, tuple(entities), metric, tuple(sorted((labels or {}).items())))

        def read() -> SeriesSet:
            return self._series(start, end, deadline, entities, metric, labels)

        return self._read.get(key, read, deadline)

    def _series(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        entities: Sequence[str],
        metric: str | None,
        labels: Mapping[str, str] | None,
    ) -> SeriesSet:
        found: dict[SeriesKey, Part] = {}

        def ask(backend: MetricsBackend) -> SeriesSet:
            return backend.series(start, end, deadline, entities=entities, metric=metric, labels=labels)

        for part in (part for answer in asked_together(self._backends, ask) for part in answer):
            found.setdefault(part[0], part)
        return joined(found.values())

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The names of entities that those know which can tell."""
        naming = [backend for backend in self._backends if isinstance(backend, Naming)]
        answers = asked_together(naming, lambda backend: backend.entities(deadline))
        return tuple(sorted({name for names in answers for name in names}))

    @property
    def evaluating(self) -> Mapping[str, Evaluating]:
        """Those that compute expressions, by name."""
        return {backend.name: backend for backend in self._backends if isinstance(backend, Evaluating)}
