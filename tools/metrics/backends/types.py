"""What a metrics system has to be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

import pyarrow as pa

from ....core.clock import Deadline
from ..series import Floats, SeriesSet, Times


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


@dataclass(frozen=True)
class Evaluated:
    """What an expression gave.

    Args:
        text: the expression as it was sent.
        step_s: between two points.
        series: labels, times in microseconds and values of each.
    """

    text: str
    step_s: float
    series: tuple[tuple[Mapping[str, str], Times, Floats], ...]


EXEMPLAR_COLUMNS = pa.schema(
    [
        ("ts_us", pa.int64()),
        ("entity", pa.string()),
        ("metric", pa.string()),
        ("labels", pa.map_(pa.string(), pa.string())),  # of the series
        ("value", pa.float64()),
        ("trace_id", pa.string()),
        ("span_id", pa.string()),
    ]
)
"""Single observations behind a metric that name the trace they belong to."""


class Exemplifying(Protocol):
    """A system that keeps exemplars."""

    def exemplars(
        self, entity: str, metric: str, start: datetime, end: datetime, deadline: Deadline
    ) -> tuple[pa.Table, bool]:
        """Those of `[start, end)` that name a trace (`EXEMPLAR_COLUMNS`), and whether these are all of them.

        Raises:
            BackendError: the system did not answer, or not before the deadline.
        """
        ...


@runtime_checkable
class Evaluating(Protocol):
    """A system that computes expressions."""

    @property
    def name(self) -> str:
        """What people call the system."""
        ...

    def evaluate(self, text: str, start: datetime, end: datetime, points: int, deadline: Deadline) -> Evaluated:
        """The expression at up to so many equal steps in `[start, end)`.

        Raises:
            ToolRetry: it asks for what it may not, or for too much.
            BackendError: the system did not answer, or not before the deadline.
        """
        ...
