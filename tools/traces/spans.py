"""Spans as a backend hands them over to be put together into trees, and the log lines that were written within them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

MAX_SPANS = 2_000_000
"""More spans than this are thinned out by whole traces: about 300 MB of arrays."""

MAX_LINES = 2_000_000
LATE_CHILD_S = 3_600
"""Children that start this long after the window still belong to its traces."""

LONGEST_US = 31 * 86_400 * 1_000_000
"""Longer than any window: a broken clock, or a number that is no duration."""

RESEND_ATTRIBUTES = (
    "http.request.resend_count",
    "http.resend_count",
    "http.retry_count",
    "rpc.request.metadata.grpc-previous-rpc-attempts",
)
"""Attributes that count the attempts before a span; OpenTelemetry's semantic conventions, old and new."""

_CODED = pa.dictionary(pa.int32(), pa.string())

SPAN_COLUMNS = pa.schema(
    [
        ("trace", pa.int64()),  # a number of its own for each trace
        ("parent", pa.int64()),  # the row of the parent; -1 without one, or with one that is not there
        ("entity", _CODED),
        ("name", _CODED),
        ("begin_us", pa.int64()),
        ("end_us", pa.int64()),
        ("failed", pa.bool_()),
        ("is_again", pa.bool_()),  # says itself that it repeats an earlier attempt
        ("is_orphan", pa.bool_()),  # names a parent that is not there
    ]
)
"""One row per span, ordered by trace and then by begin."""

LINE_COLUMNS = pa.schema(
    [
        ("span", pa.int64()),  # the row of the span it was written in
        ("masked", _CODED),  # the text with everything that varies blotted out
        ("level", _CODED),  # logs.levels.Level
        ("line", pa.int64()),  # its row among the lines
    ]
)
"""One row per log line that names a span, of the entity that the span is of."""

SOME_READ = "of very many traces only some were read"


@dataclass(frozen=True)
class Spans:
    """Spans of both windows.

    Args:
        rows: `SPAN_COLUMNS`.
        lines: `LINE_COLUMNS`; empty where logs name no spans.
        every: every how manieth trace was read; 1 for all.
        has_lines: whether logs were looked at at all.
        is_part: whether only some of the traces were read.
        written: the lines themselves (`logs.backends.types.LINE_COLUMNS` without attributes), where a log system
            handed them over; a snapshot holds them.
        without_lines: why log lines were not looked at although they were asked for; empty if they were.
    """

    rows: pa.Table
    lines: pa.Table
    every: int = 1
    has_lines: bool = False
    is_part: bool = False
    written: pa.Table | None = None
    without_lines: str = ""


def thinned(spans: Spans) -> str:
    """What to say if not all traces were read."""
    if spans.is_part:
        return SOME_READ
    return "" if spans.every == 1 else f"of very many traces every {spans.every}th was read"
