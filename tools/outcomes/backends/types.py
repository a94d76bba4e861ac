"""What a record of payments has to be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ...windows import ComparedWindows

MOST_CELLS = 5_000
"""Combinations of dimension values and currency that are kept apart, the busiest first; the rest is one cell."""
MOST_LABELS = 6
REST = "(other)"
WINDOW_BUCKETS = 12
"""The window is cut into so many buckets; those of the quiet time have the same length."""

CODE_COLUMNS = pa.schema(
    [
        ("cell", pa.int64()),
        ("is_after", pa.bool_()),
        ("outcome", pa.string()),
        ("response_code", pa.string()),
        ("payments", pa.int64()),
        ("amount_minor", pa.int64()),
    ]
)
BUCKET_COLUMNS = pa.schema(
    [
        ("cell", pa.int64()),
        ("is_after", pa.bool_()),
        ("bucket", pa.int64()),
        ("outcome", pa.string()),
        ("payments", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Outcomes:
    """Payments of both windows, counted.

    Args:
        dimensions: names of the dimensions.
        cells: one row per cell: the value of each dimension (text, may be null) and `currency`.
        codes: `CODE_COLUMNS`; `cell` is a row of `cells`.
        buckets: `BUCKET_COLUMNS`; `bucket` counts from the start of its own window.
        complete: whether every combination has a cell of its own.
    """

    dimensions: tuple[str, ...]
    cells: pa.Table
    codes: pa.Table
    buckets: pa.Table
    complete: bool


class OutcomesBackend(Protocol):
    """A system that counts payments."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def counted(self, windows: ComparedWindows, deadline: Deadline) -> Outcomes | None:
        """The payments of both windows; `None` if the system keeps none.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...


def bucket_us(windows: ComparedWindows) -> int:
    """Microseconds of a bucket, at least a second."""
    return max(int(windows.length_s * 1e6) // WINDOW_BUCKETS, 1_000_000)
