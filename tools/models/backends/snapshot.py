"""Predictions of a snapshot."""

from __future__ import annotations

from ....core.clock import Deadline
from ...snapshots.store import SnapshotStore
from ...windows import ComparedWindows, to_us
from .types import BIN_COLUMNS, MOST_ROWS, UNSCORED, Predictions, bucket_us

_POSITIVE = "('decline', 'declined', 'block', 'blocked', 'reject', 'rejected', 'flag', 'flagged', 'deny', 'denied', " \
    "'review', 'positive', 'true', '1', 'yes')"  # fmt: skip
_BINNED = f"""
    WITH mine AS (
        SELECT coalesce(entity, '') AS entity, coalesce(model, '') AS model, coalesce(version, '') AS version,
               ts >= $start AS is_after, epoch_us(ts) AS at_us,
               CASE WHEN isfinite(score) THEN score END AS score,
               lower(coalesce(labels['decision'], labels['action'])) AS decision,
               try_cast(labels['threshold'] AS DOUBLE) AS threshold
        FROM predictions
        WHERE ((ts >= $baseline_start AND ts < $baseline_end) OR (ts >= $start AND ts < $end))
          AND (len($entities::VARCHAR[]) = 0 OR list_contains($entities::VARCHAR[], entity))
    ), edges AS (
        SELECT entity, model,
               quantile_cont(score, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) FILTER (NOT is_after) AS edges
        FROM mine GROUP BY entity, model
    )
    SELECT mine.entity, mine.model, version, is_after,
           (at_us - CASE WHEN is_after THEN $start_us ELSE $baseline_us END) // $bucket_us AS bucket,
           CASE WHEN score IS NULL THEN {UNSCORED}
                ELSE coalesce(len(list_filter(edges, lambda edge: edge < score)), 0) END AS bin,
           count(*) AS n, coalesce(sum(score), 0) AS total, coalesce(sum(score * score), 0) AS squares,
           count(*) FILTER (decision IS NOT NULL OR (threshold IS NOT NULL AND score IS NOT NULL)) AS decisions,
           count(*) FILTER (coalesce(decision IN {_POSITIVE}, score >= threshold, false)) AS positive,
           min(at_us) AS first_us
    FROM mine JOIN edges USING (entity, model)
    GROUP BY ALL ORDER BY entity, model, version, is_after, bucket, bin LIMIT {MOST_ROWS + 1}
"""  # noqa: S608 - all parts are ours


class SnapshotModels:
    """Reads `predictions.parquet`; implements `ModelsBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def binned(self, windows: ComparedWindows, deadline: Deadline) -> Predictions | None:
        """The predictions of both windows."""
        if not self._store.has("predictions"):
            return None
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
        bins = self._store.query(_BINNED, where, deadline).cast(BIN_COLUMNS)
        return Predictions(bins.slice(0, MOST_ROWS), complete=bins.num_rows <= MOST_ROWS)
