"""What a record of predictions has to be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ...windows import ComparedWindows

WINDOW_BUCKETS = 12
MOST_ROWS = 200_000
UNSCORED = -1
"""The bin of predictions without a finite score."""

BIN_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("model", pa.string()),
        ("version", pa.string()),
        ("is_after", pa.bool_()),
        ("bucket", pa.int64()),
        ("bin", pa.int64()),
        ("n", pa.int64()),
        ("total", pa.float64()),
        ("squares", pa.float64()),
        ("decisions", pa.int64()),
        ("positive", pa.int64()),
        ("first_us", pa.int64()),
    ]
)
"""Predictions counted by bucket of time and bin of the score.

`bin` counts the quiet deciles below the score. `decisions` are predictions with a decision or a threshold beside them,
`positive` those of them that were declined, flagged or above it.
"""


@dataclass(frozen=True)
class Predictions:
    """Predictions of both windows; `complete` unless rows were left out."""

    bins: pa.Table
    complete: bool


class ModelsBackend(Protocol):
    """A system that keeps predictions, or a sample of them."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def binned(self, windows: ComparedWindows, deadline: Deadline) -> Predictions | None:
        """The predictions of both windows; `None` if the system keeps none.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...


def bucket_us(windows: ComparedWindows) -> int:
    """Microseconds of a bucket, at least a second."""
    return max(int(windows.length_s * 1e6) // WINDOW_BUCKETS, 1_000_000)
