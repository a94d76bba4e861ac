"""What a tracing system has to be able to do."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ...windows import ComparedWindows
from ..operations import Operations
from ..spans import Spans


class TracesBackend(Protocol):
    """A system that holds spans."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def operations(self, windows: ComparedWindows, deadline: Deadline) -> Operations:
        """The spans that start in either window, counted by operation and bucket (`operations.bucket_us`).

        A span is slow if it took longer than its operation's quantile in the baseline by more than `operations.SLACK`.

        Self time is a span's duration minus the time that any of its children covers, never below zero; children may
        belong to other entities. Spans without a usable duration count nowhere; a missing parent is no error.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...

    def spans(self, windows: ComparedWindows, deadline: Deadline, *, with_lines: bool = False) -> Spans:
        """All spans of both windows, of whatever entities, with their parents.

        Spans of the hour after the window belong to its traces as well. Above `spans.MAX_SPANS` whole traces are left
        out, the same ones whenever it is asked.

        Args:
            windows: which spans; `entities` does not matter here: a trace is whole or misleading.
            deadline: by when.
            with_lines: also the log lines that name a span; a backend without logs hands over none.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...

    def example(
        self, start: datetime, end: datetime, deadline: Deadline, *, entity: str, name: str | None, failed: bool
    ) -> str | None:
        """The trace with the longest span of an entity that starts in `[start, end)`, or of its failed spans.

        Args:
            start: of the time range.
            end: of the time range.
            deadline: by when.
            entity: whose spans.
            name: of one operation only.
            failed: only spans that say they failed.

        Returns:
            Its id; `None` if there is no such span.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...

    def trace(self, trace_id: str, deadline: Deadline) -> pa.Table:
        """The first `example.MAX_TRACE_SPANS` spans of a trace (`example.TRACE_COLUMNS`); empty if there is none.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...
