"""What a metrics system has to be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from ....core.clock import Deadline
from ..series import SeriesSet


class MetricsBackend(Protocol):
    """A system that holds time series."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

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
        """All samples in `[start, end)` of the series that match; no entities means all.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...


@runtime_checkable
class Naming(Protocol):
    """A system that can name its entities without their samples being read."""

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The names, sorted; they pass redaction unchanged.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...
