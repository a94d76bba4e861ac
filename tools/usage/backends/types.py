"""What a system that knows how workloads are used has to be able to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline

MOST_SAMPLES_A_DAY = 50_000_000
"""More than that of one day are not read: 5,000 workloads, every ten seconds, make 43 million."""


class UsageBackend(Protocol):
    """A system that is asked for the tables of a fleet, each with all the columns of its schema."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    @property
    def days_at_once(self) -> int:
        """How many days one question should span: one for a system, all of them for files that are read through."""
        ...

    def usage(self, start: datetime, end: datetime, deadline: Deadline) -> Iterator[pa.Table]:
        """Samples in `[start, end)`, in pieces.

        What is no number is handed over as it is: whoever counts tells of it.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...

    def sizes(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """What was reserved: what held at the start, and every change in `[start, end)`.

        Raises:
            BackendError: as above.
        """
        ...

    def happenings(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """What happened in `[start, end)`.

        Raises:
            BackendError: as above.
        """
        ...

    def workloads(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """What ran in `[start, end)`, with what the system knows of it.

        Raises:
            BackendError: as above.
        """
        ...

    def notes(self) -> tuple[str, ...]:
        """What could not be had so far, in words of ours."""
        ...
