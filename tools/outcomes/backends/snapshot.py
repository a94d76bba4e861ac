"""Payments of a snapshot."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ...snapshots.store import SnapshotStore
from ...windows import ComparedWindows, to_us
from .types import BUCKET_COLUMNS, CODE_COLUMNS, MOST_CELLS, MOST_LABELS, REST, Outcomes, bucket_us

_COLUMNS = ("entity", "country", "issuer", "provider")
_OF_INTEREST = """
    ((ts >= $baseline_start AND ts < $baseline_end) OR (ts >= $start AND ts < $end)) AND count > 0
    AND (len($entities::VARCHAR[]) = 0 OR list_contains($entities::VARCHAR[], entity))
"""
# A label that differs from payment to payment (an order id) is no dimension.
_MOST_VALUES = 1_000
_LABELS = f"""
    SELECT name, count(DISTINCT labels[name]) AS different, count(*) AS n
    FROM (SELECT labels, unnest(map_keys(labels)) AS name FROM outcomes WHERE {_OF_INTEREST} AND labels IS NOT NULL)
    GROUP BY name HAVING count(DISTINCT labels[name]) BETWEEN 2 AND {_MOST_VALUES}
    ORDER BY n DESC, name LIMIT {MOST_LABELS}
"""  # noqa: S608 - all parts are ours

_CELLS = "SELECT * FROM cells ORDER BY cell"
_CODES = """
    SELECT cell, is_after, outcome, response_code, sum(payments) AS payments, sum(amount_minor) AS amount_minor
    FROM counted GROUP BY ALL ORDER BY cell, is_after, outcome, response_code
"""
_BUCKETS = """
    SELECT cell, is_after, bucket, outcome, sum(payments) AS payments
    FROM counted GROUP BY ALL ORDER BY cell, is_after, bucket, outcome
"""


def _cells_of(labels: int) -> str:
    """A query with the busiest cells, and one row per record with the number of its cell."""
    names = [*_COLUMNS, *(f"label_{place}" for place in range(labels)), "currency"]
    picked = [*_COLUMNS, *(f"labels[$label_{place}] AS label_{place}" for place in range(labels)), "currency"]
    same = " AND ".join(f"mine.{name} IS NOT DISTINCT FROM cells.{name}" for name in names)
    listed = ", ".join(names)
    return f"""
        WITH mine AS (
            SELECT {", ".join(picked)}, coalesce(outcome, '') AS outcome, coalesce(response_code, '') AS response_code,
                   ts >= $start AS is_after, count AS payments, coalesce(amount_minor, 0) AS amount_minor,
                   (epoch_us(ts) - CASE WHEN ts >= $start THEN $start_us ELSE $baseline_us END) // $bucket_us AS bucket
            FROM outcomes WHERE {_OF_INTEREST}
        ), ordered AS (
            SELECT {listed}, row_number() OVER (ORDER BY sum(payments) DESC, {listed}) - 1 AS cell
            FROM mine GROUP BY {listed}
        ), cells AS (
            SELECT * FROM ordered WHERE cell < {MOST_CELLS}
        ), counted AS (
            SELECT coalesce(cells.cell, {MOST_CELLS}) AS cell, is_after, bucket, outcome, response_code, payments,
                   amount_minor
            FROM mine LEFT JOIN cells ON {same}
        )
    """  # noqa: S608 - all parts are ours


class SnapshotOutcomes:
    """Reads `outcomes.parquet`; implements `OutcomesBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def counted(self, windows: ComparedWindows, deadline: Deadline) -> Outcomes | None:
        """The payments of both windows."""
        if not self._store.has("outcomes"):
            return None
        between: dict[str, Any] = {
            "start": windows.start,
            "end": windows.end,
            "baseline_start": windows.baseline_start,
            "baseline_end": windows.baseline_end,
            "entities": list(windows.entities),
        }
        labels = self._store.query(_LABELS, between, deadline)["name"].to_pylist()
        labels = [name for name in labels if name not in (*_COLUMNS, "currency")]
        named = {f"label_{place}": name for place, name in enumerate(labels)}
        where = between | named
        clock = {
            "start_us": to_us(windows.start),
            "baseline_us": to_us(windows.baseline_start),
            "bucket_us": bucket_us(windows),
        }
        cells_of = _cells_of(len(labels))
        cells = self._store.query(f"{cells_of} {_CELLS}", where | clock, deadline)
        codes = self._store.query(f"{cells_of} {_CODES}", where | clock, deadline).cast(CODE_COLUMNS)
        buckets = self._store.query(f"{cells_of} {_BUCKETS}", where | clock, deadline).cast(BUCKET_COLUMNS)
        dimensions = (*_COLUMNS, *labels)
        cells = cells.drop_columns(["cell"]).rename_columns([*dimensions, "currency"])
        complete = MOST_CELLS not in codes["cell"].unique().to_pylist()
        if not complete:
            rest = pa.table({name: [REST] for name in cells.column_names}, schema=cells.schema)
            cells = pa.concat_tables([cells, rest])
        return Outcomes(dimensions, cells, codes, buckets, complete)
