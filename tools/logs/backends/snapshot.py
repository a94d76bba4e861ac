"""Logs of a snapshot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ...snapshots.store import SnapshotStore
from ...windows import ComparedWindows
from ..counting import BLOCK, blocks_of, counted_first, counted_second, level_case
from ..grouped import GROUP_COLUMNS, MAX_GROUPS, TOTAL_COLUMNS, GroupedLines
from ..levels import SPELLINGS, Level
from ..structured import level_sql
from .types import LINE_COLUMNS, FoundLines

_LINES_LOOKED_AT = 2_000_000
"""Of the lines at level error, and as many of the rest: about ten seconds of work."""
_BODY_LIMIT = 32_768

_OF_ENTITIES = "(len($entities::VARCHAR[]) = 0 OR list_contains($entities::VARCHAR[], entity))"
_MATCHED = f"""
    FROM logs WHERE ts >= $start AND ts < $end AND {_OF_ENTITIES}
      AND ($contains::VARCHAR IS NULL OR contains(lower(body), lower($contains)))
      AND (len($spellings::VARCHAR[]) = 0 OR list_contains($spellings::VARCHAR[], upper(trim(level))))
"""
_COUNT = f"SELECT count(*) AS n {_MATCHED}"


_LINES = f"""
    SELECT file_row_number::VARCHAR AS id, epoch_us(ts) AS ts_us, entity, level,
           left(body, {_BODY_LIMIT}) AS body, attributes, trace_id, span_id
    FROM logs
"""  # noqa: S608 - all parts are ours
_FOUND = f"""
    WITH places AS (
        (SELECT file_row_number AS place {_MATCHED} ORDER BY ts, place LIMIT $head)
        UNION
        (SELECT file_row_number AS place {_MATCHED} ORDER BY ts DESC, place DESC LIMIT $tail)
    )
    {_LINES} WHERE file_row_number IN (SELECT place FROM places) ORDER BY ts, file_row_number
"""  # noqa: S608 - all parts are ours
_READ = f"""
    {_LINES} WHERE file_row_number IN (SELECT unnest($places::BIGINT[])) ORDER BY ts, file_row_number
"""


_LEVEL = level_case("written")
_LEVELLED = f"(SELECT *, upper({level_sql('level', 'body')}) AS written FROM logs)"  # noqa: S608 - all parts are ours
_IN_WINDOWS = f"""
    ((ts >= $baseline_start AND ts < $baseline_end) OR (ts >= $start AND ts < $end)) AND {_OF_ENTITIES}
"""
_TOTALS = f"""
    SELECT coalesce(entity, '') AS entity, count_if(ts < $start) AS before, count_if(ts >= $start) AS after,
           count_if({_LEVEL} = 'error') AS errors
    FROM {_LEVELLED} WHERE {_IN_WINDOWS} GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - all parts are ours
_GROUPS = f"""
    WITH lines AS (
        SELECT coalesce(entity, '') AS entity, {_LEVEL} AS level, body, epoch_us(ts) AS us, file_row_number AS place
        FROM {_LEVELLED} WHERE {_IN_WINDOWS}
    ), looked_at AS (
        SELECT *, {BLOCK} AS block
        FROM lines WHERE hash(place) % (CASE WHEN level = 'error' THEN $error_step ELSE $other_step END) = 0
    ), first AS ({counted_first("looked_at")}), weighed AS (
        SELECT *, CASE WHEN level = 'error' THEN $error_step ELSE $other_step END AS weight FROM first
    )
    {counted_second("weighed")}
"""  # noqa: S608 - all parts are ours


class SnapshotLogs:
    """Reads `logs.parquet`; implements `LogsBackend`. The id of a line is the number of its row."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def search(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        contains: str | None = None,
        levels: Sequence[Level] = (),
        head: int,
        tail: int,
    ) -> FoundLines:
        """Lines in `[start, end)`; of each at most 32,768 characters."""
        if not self._store.has("logs"):
            return FoundLines(0, LINE_COLUMNS.empty_table())
        where: dict[str, Any] = {
            "start": start,
            "end": end,
            "entities": list(entities),
            "contains": contains,
            "spellings": sorted(spelling for level in levels for spelling in SPELLINGS[level]),
        }
        matched = self._store.query(_COUNT, where, deadline)["n"][0].as_py()
        if not matched:
            return FoundLines(0, LINE_COLUMNS.empty_table())
        rows = self._store.query(_FOUND, {**where, "head": head, "tail": tail}, deadline)
        return FoundLines(matched, rows.cast(LINE_COLUMNS))

    def read(self, ids: Sequence[str], deadline: Deadline) -> pa.Table:
        """The lines with these ids; of each at most 32,768 characters."""
        places = [int(name) for name in ids if name.isascii() and name.isdigit() and len(name) <= 18]
        if not places or not self._store.has("logs"):
            return LINE_COLUMNS.empty_table()
        return self._store.query(_READ, {"places": places}, deadline).cast(LINE_COLUMNS)

    def grouped(self, windows: ComparedWindows, deadline: Deadline) -> GroupedLines:
        """All lines of both windows, masked and counted where they lie; of very many every k-th is looked at."""
        if not self._store.has("logs"):
            return GroupedLines(GROUP_COLUMNS.empty_table(), TOTAL_COLUMNS.empty_table(), complete=True)
        where: dict[str, Any] = {
            "start": windows.start,
            "end": windows.end,
            "baseline_start": windows.baseline_start,
            "baseline_end": windows.baseline_end,
            "entities": list(windows.entities),
        }
        totals = self._store.query(_TOTALS, where, deadline)
        lines = sum(totals["before"].to_pylist()) + sum(totals["after"].to_pylist())
        errors = sum(totals["errors"].to_pylist())
        sampling = {
            **blocks_of(windows),
            "error_step": _step(errors),
            "other_step": _step(lines - errors),
        }
        rows = self._store.query(_GROUPS, {**where, **sampling}, deadline)
        return GroupedLines(
            rows.slice(0, MAX_GROUPS).cast(GROUP_COLUMNS),
            totals.select(TOTAL_COLUMNS.names).cast(TOTAL_COLUMNS),
            complete=rows.num_rows <= MAX_GROUPS,
        )


def _step(lines: int) -> int:
    return max(1, math.ceil(lines / _LINES_LOOKED_AT))
