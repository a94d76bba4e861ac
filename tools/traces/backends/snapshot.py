"""Traces of a snapshot."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ...snapshots.held import Queried
from ...windows import ComparedWindows, to_us
from ..example import MAX_TRACE_SPANS, TRACE_COLUMNS
from ..operations import BUCKET_COLUMNS, MAX_OPERATIONS, OTHER, QUANTILE_COLUMNS, SLACK, Operations, bucket_us
from ..spans import LATE_CHILD_S, LONGEST_US, Spans
from .snapshot_spans import read_spans

_MEASURED = f"""
    WITH spans_of_interest AS (
        SELECT coalesce(trace_id, '') AS trace_id, span_id, nullif(parent_id, '') AS parent_id,
               coalesce(entity, '') AS entity, coalesce(name, '') AS name,
               epoch_us(start) AS begin_us, epoch_us(start) + duration_us AS end_us,
               coalesce(upper(status) IN ('ERROR', 'STATUS_CODE_ERROR'), false) AS failed,
               start >= $start AS is_after,
               (start >= $baseline_start AND start < $baseline_end) OR (start >= $start AND start < $end) AS counts,
               file_row_number AS place
        FROM spans
        WHERE duration_us BETWEEN 0 AND {LONGEST_US}
          AND start >= $baseline_start AND start < $end + INTERVAL {LATE_CHILD_S} SECOND
    ), mine AS (
        SELECT * FROM spans_of_interest
        WHERE counts AND (len($entities::VARCHAR[]) = 0 OR list_contains($entities::VARCHAR[], entity))
    ), children AS (
        SELECT mine.place, child.failed, greatest(child.begin_us, mine.begin_us) AS begin_us,
               least(child.end_us, mine.end_us) AS end_us
        FROM mine JOIN spans_of_interest AS child
          ON child.trace_id = mine.trace_id AND child.parent_id = mine.span_id AND child.place <> mine.place
    ), reached AS (
        -- Children overlap: each adds only what lies beyond the end of all that began before it.
        SELECT place, failed, end_us, greatest(begin_us, coalesce(max(end_us) OVER (
                   PARTITION BY place ORDER BY begin_us, end_us ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
               ), begin_us)) AS from_us
        FROM children
    ), covered AS (
        SELECT place, sum(greatest(end_us - from_us, 0))::BIGINT AS covered_us, bool_or(failed) AS child_failed
        FROM reached GROUP BY place
    ), names AS (
        SELECT entity, name, count(*) AS n FROM mine GROUP BY ALL ORDER BY n DESC, entity, name LIMIT {MAX_OPERATIONS}
    ), measured AS (
        SELECT mine.entity, CASE WHEN names.n IS NULL THEN '{OTHER}' ELSE mine.name END AS name, is_after,
               (begin_us - CASE WHEN is_after THEN $start_us ELSE $baseline_us END) // $bucket_us AS bucket,
               mine.failed, mine.failed AND NOT coalesce(child_failed, false) AS originates,
               end_us - begin_us AS duration_us,
               greatest(end_us - begin_us - coalesce(covered_us, 0), 0) AS self_us
        FROM mine LEFT JOIN covered USING (place) LEFT JOIN names USING (entity, name)
    )
"""  # noqa: S608 - all parts are ours
_QUANTILES = f"""
    {_MEASURED}
    SELECT entity, name, is_after,
           quantile_cont(duration_us, 0.5) AS p50_us, quantile_cont(duration_us, 0.95) AS p95_us,
           quantile_cont(self_us, 0.5) AS self_p50_us, quantile_cont(self_us, 0.95) AS self_p95_us
    FROM measured GROUP BY entity, name, is_after ORDER BY entity, name, is_after
"""  # noqa: S608 - all parts are ours
_BUCKETS = f"""
    {_MEASURED}, usual AS (
        SELECT entity, name, {SLACK} * quantile_cont(duration_us, 0.5) AS slack,
               quantile_cont(duration_us, [0.5, 0.95]) AS duration, quantile_cont(self_us, [0.5, 0.95]) AS self
        FROM measured WHERE NOT is_after GROUP BY entity, name
    )
    SELECT entity, name, is_after, bucket, count(*) AS spans, count_if(failed) AS errors,
           count_if(originates) AS origins,
           count(*) FILTER (duration_us > duration[1] + slack) AS slow_p50,
           count(*) FILTER (duration_us > duration[2] + slack) AS slow_p95,
           count(*) FILTER (self_us > self[1] + slack) AS self_slow_p50,
           count(*) FILTER (self_us > self[2] + slack) AS self_slow_p95
    FROM measured LEFT JOIN usual USING (entity, name)
    GROUP BY entity, name, is_after, bucket ORDER BY entity, name, is_after, bucket
"""  # noqa: S608 - all parts are ours
_FAILED = "coalesce(upper(status) IN ('ERROR', 'STATUS_CODE_ERROR'), false)"
_EXAMPLE = f"""
    SELECT trace_id FROM spans
    WHERE start >= $start AND start < $end AND entity = $entity AND ($name::VARCHAR IS NULL OR name = $name)
      AND duration_us BETWEEN 0 AND {LONGEST_US} AND trace_id <> '' AND (NOT $failed OR {_FAILED})
    ORDER BY duration_us DESC, trace_id LIMIT 1
"""  # noqa: S608 - all parts are ours
_TRACE = f"""
    SELECT trace_id, span_id, parent_id, entity, name, epoch_us(start) AS begin_us,
           epoch_us(start) + duration_us AS end_us, status, {_FAILED} AS failed
    FROM spans WHERE trace_id = $trace_id AND duration_us BETWEEN 0 AND {LONGEST_US}
    ORDER BY start, file_row_number LIMIT {MAX_TRACE_SPANS}
"""  # noqa: S608 - all parts are ours


class SnapshotTraces:
    """Reads `spans.parquet`; implements `TracesBackend`."""

    def __init__(self, store: Queried) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.environment

    def operations(self, windows: ComparedWindows, deadline: Deadline) -> Operations:
        """The spans of both windows, joined with their children where they lie."""
        if not self._store.has("spans"):
            return Operations(BUCKET_COLUMNS.empty_table(), QUANTILE_COLUMNS.empty_table(), complete=True)
        where = {
            "start": windows.start,
            "end": windows.end,
            "baseline_start": windows.baseline_start,
            "baseline_end": windows.baseline_end,
            "start_us": to_us(windows.start),
            "baseline_us": to_us(windows.baseline_start),
            "bucket_us": bucket_us(windows),
            "entities": list(windows.entities),
        }
        quantiles = self._store.query(_QUANTILES, where, deadline).cast(QUANTILE_COLUMNS)
        buckets = self._store.query(_BUCKETS, where, deadline).cast(BUCKET_COLUMNS)
        return Operations(buckets, quantiles, complete=OTHER not in quantiles["name"].unique().to_pylist())

    def spans(self, windows: ComparedWindows, deadline: Deadline, *, with_lines: bool = False) -> Spans:
        """The spans of both windows with their parents; of very many those of every k-th trace."""
        return read_spans(self._store, windows, deadline, with_lines=with_lines)

    def example(
        self, start: datetime, end: datetime, deadline: Deadline, *, entity: str, name: str | None, failed: bool
    ) -> str | None:
        """The trace with the longest matching span; of equally long ones the first by id."""
        if not self._store.has("spans"):
            return None
        where = {"start": start, "end": end, "entity": entity, "name": name, "failed": failed}
        found: list[str] = self._store.query(_EXAMPLE, where, deadline)["trace_id"].to_pylist()
        return found[0] if found else None

    def trace(self, trace_id: str, deadline: Deadline) -> pa.Table:
        """The spans of a trace, by begin."""
        if not self._store.has("spans"):
            return TRACE_COLUMNS.empty_table()
        return self._store.query(_TRACE, {"trace_id": trace_id}, deadline).cast(TRACE_COLUMNS)
