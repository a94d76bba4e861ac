"""What a log system has to be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ...windows import ComparedWindows
from ..grouped import GroupedLines
from ..levels import Level

LINE_COLUMNS = pa.schema(
    [
        ("id", pa.string()),  # whatever `read` finds the line by
        ("ts_us", pa.int64()),
        ("entity", pa.string()),
        ("level", pa.string()),  # as written
        ("body", pa.string()),
        ("attributes", pa.map_(pa.string(), pa.string())),
        ("trace_id", pa.string()),
        ("span_id", pa.string()),
    ]
)
"""Columns of lines, in order of time; also of the artifacts of `logs.search` and `logs.read`."""


@dataclass(frozen=True)
class FoundLines:
    """How many lines match, and the first and last of them (`LINE_COLUMNS`)."""

    matched: int
    rows: pa.Table


class LogsBackend(Protocol):
    """A system that holds log lines. Every method raises `BackendError` if it does not answer before the deadline."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def search(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        contains: str | None = None,
        levels: Sequence[Level] = (),
        head: int,
        tail: int,
    ) -> FoundLines:
        """Lines in `[start, end)`; `contains` is plain text in any case; nothing named means all."""
        ...

    def read(self, ids: Sequence[str], deadline: Deadline) -> pa.Table:
        """The lines with these ids (`LINE_COLUMNS`); an id that means nothing is left out."""
        ...

    def grouped(self, windows: ComparedWindows, deadline: Deadline) -> GroupedLines:
        """All lines of both windows, masked (see `masks.py`) and counted."""
        ...
