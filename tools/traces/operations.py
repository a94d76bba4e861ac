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
        ("bucket", pa.int64()),  # counted from the start of its window
        ("spans", pa.int64()),
        ("errors", pa.int64()),
        ("origins", pa.int64()),  # error spans without a failing child
        ("slow_p50", pa.int64()),  # spans that took longer than the baseline's median and some slack
        ("slow_p95", pa.int64()),
        ("self_slow_p50", pa.int64()),  # the same for self time
        ("self_slow_p95", pa.int64()),
    ]
)
"""One row per entity, name and bucket that holds a span. Without a baseline no span is slow."""

QUANTILE_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("name", pa.string()),
        ("is_after", pa.bool_()),
        ("p50_us", pa.float64()),
        ("p95_us", pa.float64()),
        ("self_p50_us", pa.float64()),
        ("self_p95_us", pa.float64()),
    ]
)
"""One row per entity, name and window that holds a span."""

SLACK = 0.1
"""Of the baseline's median duration: a span is slow if it takes so much longer than the quantile it is compared with.

For self time too the slack is a share of the duration: ten microseconds more are nothing to a span of a second.
"""

_WINDOW_PARTS, _BASELINE_PARTS, _MOST_PARTS = 6, 12, 240


@dataclass(frozen=True)
class Operations:
    """Counted spans.

    Args:
        buckets: `BUCKET_COLUMNS`, in no order.
        quantiles: `QUANTILE_COLUMNS`, in no order.
        complete: whether every operation is in a row of its own.
        is_part: whether only some of the traces were read.
    """

    buckets: pa.Table
    quantiles: pa.Table
    complete: bool
    is_part: bool = False


def bucket_us(windows: ComparedWindows) -> int:
    """How long the buckets of a comparison are: the same for both windows, so that their noise is the same.

    At least six in the window and twelve in the baseline, unless that makes more than 240 in the baseline.
    """
    window = to_us(windows.end) - to_us(windows.start)
    baseline = to_us(windows.baseline_end) - to_us(windows.baseline_start)
    return max(min(window // _WINDOW_PARTS, baseline // _BASELINE_PARTS), baseline // _MOST_PARTS, 1_000)
