"""Served features of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable

from ....core.clock import Deadline
from ...snapshots.store import SnapshotStore
from ...windows import ComparedWindows, to_us
from .types import (
    AGE_LABELS,
    BIN_COLUMNS,
    EVENT_LABELS,
    MOST_ROWS,
    NULL,
    SIDE_LABELS,
    TOP_COLUMNS,
    TRAINING_WORDS,
    VIEW_LABELS,
    Served,
    bucket_us,
)


def _first(names: Iterable[str]) -> str:
    picked = ", ".join(f"labels['{name}']" for name in names)
    return f"coalesce({picked})"


_TRAINING = ", ".join(f"'{word}'" for word in TRAINING_WORDS)
_SIDES = ", ".join(f"lower(labels['{name}'])" for name in SIDE_LABELS)
_MINE = f"""
    WITH mine AS (
        SELECT coalesce(entity, '') AS entity, coalesce(feature, '') AS feature,
               {_first(VIEW_LABELS)} AS view, list_extract(list_filter(map_values(labels),
                   lambda value: value <> entity AND list_contains($known::VARCHAR[], value)), 1) AS writer,
               coalesce(list_has_any([{_SIDES}], [{_TRAINING}]), false) AS is_training,
               ts >= $start AS is_after, epoch_us(ts) AS at_us,
               CASE WHEN isfinite(value) THEN value END AS value,
               coalesce(try_cast({_first(AGE_LABELS)} AS DOUBLE),
                        (epoch_us(ts) - epoch_us(try_cast({_first(EVENT_LABELS)} AS TIMESTAMPTZ))) / 1e6) AS age_s
        FROM features
        WHERE ((ts >= $baseline_start AND ts < $baseline_end) OR (ts >= $start AND ts < $end))
          AND (len($entities::VARCHAR[]) = 0 OR list_contains($entities::VARCHAR[], entity))
    )
"""  # noqa: S608 - all parts are ours
_BINNED = f"""
    {_MINE}, edges AS (
        SELECT entity, feature, view, min(value) AS least, max(value) AS most,
               quantile_cont(value, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) AS edges
        FROM mine WHERE NOT is_after AND NOT is_training GROUP BY entity, feature, view
    )
    SELECT mine.entity, mine.feature, mine.view, min(writer) AS writer, is_training, is_after,
           (at_us - CASE WHEN is_after THEN $start_us ELSE $baseline_us END) // $bucket_us AS bucket,
           CASE WHEN value IS NULL THEN {NULL}
                ELSE coalesce(len(list_filter(edges, lambda edge: edge < value)), 0) END AS bin,
           count(*) AS n, coalesce(sum(value), 0) AS total, coalesce(sum(value * value), 0) AS squares,
           median(age_s) AS age_s, count(*) FILTER (value < least OR value > most) AS beyond, max(at_us) AS last_us
    FROM mine LEFT JOIN edges ON mine.entity = edges.entity AND mine.feature = edges.feature
                             AND mine.view IS NOT DISTINCT FROM edges.view
    GROUP BY ALL ORDER BY mine.entity, mine.feature, mine.view, is_training, is_after, bucket, bin
    LIMIT {MOST_ROWS + 1}
"""  # noqa: S608 - all parts are ours
_TOPS = f"""
    {_MINE}, counted AS (
        SELECT entity, feature, view, value, count(*) FILTER (NOT is_after) AS before,
               count(*) FILTER (is_after) AS after
        FROM mine WHERE value IS NOT NULL AND NOT is_training GROUP BY ALL
    )
    SELECT entity, feature, view, value, before, after FROM counted WHERE after > 0
    QUALIFY row_number() OVER (PARTITION BY entity, feature, view ORDER BY after DESC, before, value) = 1
    ORDER BY entity, feature, view LIMIT {MOST_ROWS}
"""  # noqa: S608 - all parts are ours
_MOST_NAMES = 20_000
_KNOWN = {
    "topology": "SELECT caller AS name FROM topology UNION SELECT callee FROM topology",
    "metrics": "SELECT DISTINCT entity AS name FROM metrics",
}
_CONSUMERS = """
    SELECT DISTINCT callee, caller FROM topology
    WHERE list_contains($serving::VARCHAR[], callee) AND caller <> '' AND caller <> callee ORDER BY callee, caller
"""


class SnapshotFeatures:
    """Reads `features.parquet`; implements `FeaturesBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def served(self, windows: ComparedWindows, deadline: Deadline) -> Served | None:
        """The features of both windows."""
        if not self._store.has("features"):
            return None
        between = {
            "start": windows.start,
            "end": windows.end,
            "baseline_start": windows.baseline_start,
            "baseline_end": windows.baseline_end,
            "entities": list(windows.entities),
            "known": self._known(deadline),
        }
        clock = {
            "start_us": to_us(windows.start),
            "baseline_us": to_us(windows.baseline_start),
            "bucket_us": bucket_us(windows),
        }
        bins = self._store.query(_BINNED, between | clock, deadline).cast(BIN_COLUMNS)
        tops = self._store.query(_TOPS, between, deadline).cast(TOP_COLUMNS)
        serving = sorted(name for name in set(bins["entity"].to_pylist()) if name)
        consumers: dict[str, list[str]] = {}
        if self._store.has("topology"):
            edges = self._store.query(_CONSUMERS, {"serving": serving}, deadline)
            for callee, caller in zip(edges["callee"].to_pylist(), edges["caller"].to_pylist(), strict=True):
                consumers.setdefault(callee, []).append(caller)
        return Served(
            bins.slice(0, MOST_ROWS),
            tops,
            {callee: tuple(callers) for callee, callers in consumers.items()},
            complete=bins.num_rows <= MOST_ROWS,
        )

    def _known(self, deadline: Deadline) -> list[str]:
        """Names of entities, so that a label can be told to name one."""
        names: set[str] = set()
        for table, sql in _KNOWN.items():
            if self._store.has(table):  # type: ignore[arg-type]  # the keys are table names
                names.update(self._store.query(f"{sql} LIMIT {_MOST_NAMES}", {}, deadline)["name"].to_pylist())
        return sorted(name for name in names if name)
