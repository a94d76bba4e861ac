"""Spans counted by operation and stretch of time: what a backend hands to the comparison."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from ..windows import ComparedWindows, to_us

OTHER = "(other operations)"
MAX_OPERATIONS = 2_000
"""Operations that are told apart, the most frequent ones; the rest of an entity is counted under `OTHER`."""

BUCKET_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("name", pa.string()),
        ("is_after", pa.bool_()),  # in the window, not in the baseline
        ("bucket", pa.int64()),  # counted from the start of its window; null for all of it
        ("spans", pa.int64()),
        ("errors", pa.int64()),
        ("origins", pa.int64()),  # error spans without a failing child
        ("p50_us", pa.float64()),
        ("p95_us", pa.float64()),
        ("self_p50_us", pa.float64()),
        ("self_p95_us", pa.float64()),
    ]
)
"""One row per entity, name and bucket that holds a span, and one with a null bucket for each whole window."""

_WINDOW_PARTS, _BASELINE_PARTS, _MOST_PARTS = 6, 12, 240


@dataclass(frozen=True)
class Operations:
    """Counted spans.

    Args:
        rows: `BUCKET_COLUMNS`, in no order.
        complete: whether every operation is in a row of its own.
    """

    rows: pa.Table
    complete: bool


def bucket_us(windows: ComparedWindows) -> int:
    """How long the buckets of a comparison are: the same for both windows, so that their noise is the same.

    At least six in the window and twelve in the baseline, unless that makes more than 240 in the baseline.
    """
    window = to_us(windows.end) - to_us(windows.start)
    baseline = to_us(windows.baseline_end) - to_us(windows.baseline_start)
    return max(min(window // _WINDOW_PARTS, baseline // _BASELINE_PARTS), baseline // _MOST_PARTS, 1_000)
