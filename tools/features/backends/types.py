"""What a record of served features has to be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ...windows import ComparedWindows

WINDOW_BUCKETS = 12
MOST_ROWS = 200_000
NULL = -1
"""The bin of values that are null or not finite."""
VIEW_LABELS = ("view", "feature_view", "feature_group", "group", "table")
SIDE_LABELS = ("source", "split", "origin", "dataset", "stage")
"""Where a label says whether a value was served or belongs to the training set."""
TRAINING_WORDS = ("training", "train", "offline", "reference", "historical")
EVENT_LABELS = ("event_time", "event_timestamp", "event_ts")
AGE_LABELS = ("age_s", "event_age_s", "freshness_s")

BIN_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("feature", pa.string()),
        ("view", pa.string()),
        ("writer", pa.string()),
        ("is_training", pa.bool_()),
        ("is_after", pa.bool_()),
        ("bucket", pa.int64()),
        ("bin", pa.int64()),
        ("n", pa.int64()),
        ("total", pa.float64()),
        ("squares", pa.float64()),
        ("age_s", pa.float64()),
        ("beyond", pa.int64()),
        ("last_us", pa.int64()),
    ]
)
"""Values counted by bucket of time and bin.

`bin` counts the served quiet deciles below the value. `writer` is the entity that a label names, if one does. `age_s`
is the median age of the events behind the values, null where no label tells it. `beyond` counts values outside of all
served quiet ones.
"""

TOP_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("feature", pa.string()),
        ("view", pa.string()),
        ("value", pa.float64()),
        ("before", pa.int64()),
        ("after", pa.int64()),
    ]
)
"""The value of each feature that was served more often in the window than any other, and how often in both windows."""


@dataclass(frozen=True)
class Served:
    """Features of both windows.

    Args:
        bins: `BIN_COLUMNS`.
        tops: `TOP_COLUMNS`.
        consumers: who uses each entity that serves features.
        complete: unless rows were left out.
    """

    bins: pa.Table
    tops: pa.Table
    consumers: dict[str, tuple[str, ...]]
    complete: bool


class FeaturesBackend(Protocol):
    """A system that keeps served features, or a sample of them."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def served(self, windows: ComparedWindows, deadline: Deadline) -> Served | None:
        """The features of both windows; `None` if the system keeps none.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...


def bucket_us(windows: ComparedWindows) -> int:
    """Microseconds of a bucket, at least a second."""
    return max(int(windows.length_s * 1e6) // WINDOW_BUCKETS, 1_000_000)
