"""Whole traces of a snapshot, and the log lines written within them."""

from __future__ import annotations

import math

import pyarrow as pa

from ....core.clock import Deadline
from ...logs.levels import SPELLINGS
from ...logs.masks import first_pass, second_pass
from ...logs.structured import level_sql
from ...snapshots.held import Queried
from ...windows import ComparedWindows
from ..spans import LATE_CHILD_S, LINE_COLUMNS, LONGEST_US, MAX_LINES, MAX_SPANS, RESEND_ATTRIBUTES, SPAN_COLUMNS, Spans

_IN_WINDOWS = f"""
    duration_us BETWEEN 0 AND {LONGEST_US}
    AND ((start >= $baseline_start AND start < $baseline_end)
         OR (start >= $start AND start < $end + INTERVAL {LATE_CHILD_S} SECOND))
"""
_COUNT = f"SELECT count(*) AS n FROM spans WHERE {_IN_WINDOWS}"  # noqa: S608 - all parts are ours
_RESENT = ", ".join(f"attributes['{name}']" for name in RESEND_ATTRIBUTES)
_PICKED = f"""
    WITH picked AS (
        SELECT coalesce(trace_id, '') AS trace_id, nullif(span_id, '') AS span_id,
               nullif(parent_id, '') AS parent_id, coalesce(entity, '') AS entity, coalesce(name, '') AS name,
               epoch_us(start) AS begin_us, epoch_us(start) + duration_us AS end_us,
               coalesce(upper(status) IN ('ERROR', 'STATUS_CODE_ERROR'), false) AS failed,
               coalesce(try_cast(coalesce({_RESENT}) AS BIGINT) > 0, false) AS is_again,
               row_number() OVER (ORDER BY coalesce(trace_id, ''), start, file_row_number) - 1 AS row
        FROM spans
        WHERE {_IN_WINDOWS} AND ($every = 1 OR hash(coalesce(trace_id, '')) % $every = 0)
    ), ends AS (
        SELECT trace_id, span_id, min(row) AS row, entity AS of FROM picked
        WHERE span_id IS NOT NULL GROUP BY trace_id, span_id, entity
    ), parents AS (
        -- Client and server may share one id: the server began later, and is what the spans below belong to.
        SELECT trace_id, span_id, max(row) AS row, min(row) AS client FROM ends GROUP BY trace_id, span_id
    )
"""  # noqa: S608 - all parts are ours
_SPANS = f"""
    {_PICKED}
    SELECT dense_rank() OVER (ORDER BY picked.trace_id) - 1 AS trace,
           CASE WHEN shared.row = picked.row AND shared.client < shared.row THEN shared.client
                ELSE coalesce(parents.row, -1) END AS parent,
           picked.entity, picked.name, begin_us, end_us, failed, is_again,
           picked.parent_id IS NOT NULL AND parents.row IS NULL AS is_orphan
    FROM picked LEFT JOIN parents ON parents.trace_id = picked.trace_id AND parents.span_id = picked.parent_id
                LEFT JOIN parents AS shared ON shared.trace_id = picked.trace_id AND shared.span_id = picked.span_id
    ORDER BY picked.row
"""  # noqa: S608 - all parts are ours


def _level_case() -> str:
    written = f"upper({level_sql('level', 'body')})"
    cases = (
        f"WHEN {written} IN ({', '.join(repr(text) for text in sorted(spellings))}) THEN {level!r}"
        for level, spellings in SPELLINGS.items()
    )
    return f"CASE {' '.join(cases)} ELSE 'unknown' END"


_LINES = f"""
    {_PICKED}, named AS (
        SELECT coalesce(trace_id, '') AS trace_id, span_id, coalesce(entity, '') AS of, body, level,
               file_row_number AS line FROM logs
        WHERE nullif(span_id, '') IS NOT NULL AND ts >= $baseline_start AND ts < $end + INTERVAL {LATE_CHILD_S} SECOND
          AND ($every = 1 OR hash(coalesce(trace_id, '')) % $every = 0)
        LIMIT {MAX_LINES}
    ), written AS (
        SELECT ends.row AS span, body, {_level_case()} AS level, line FROM named JOIN ends USING (trace_id, span_id, of)
    ), first AS (
        SELECT span, level, line, text FROM {first_pass("written", "body", "text")}
    ), texts AS (
        SELECT text, {second_pass("text")} AS masked FROM (SELECT DISTINCT text FROM first)
    )
    SELECT span, masked, level, line FROM first JOIN texts USING (text) ORDER BY span, masked, level, line
"""  # noqa: S608 - all parts are ours


def read_spans(store: Queried, windows: ComparedWindows, deadline: Deadline, *, with_lines: bool) -> Spans:
    """The spans of both windows and their log lines; see `TracesBackend.spans`."""
    if not store.has("spans"):
        return Spans(SPAN_COLUMNS.empty_table(), LINE_COLUMNS.empty_table())
    where = {
        "start": windows.start,
        "end": windows.end,
        "baseline_start": windows.baseline_start,
        "baseline_end": windows.baseline_end,
    }
    every = max(1, math.ceil(store.query(_COUNT, where, deadline)["n"][0].as_py() / MAX_SPANS))
    rows = _coded(store.query(_SPANS, {**where, "every": every}, deadline), SPAN_COLUMNS)
    has_lines = with_lines and store.has("logs")
    lines = LINE_COLUMNS.empty_table()
    if has_lines and rows.num_rows:
        lines = _coded(store.query(_LINES, {**where, "every": every}, deadline), LINE_COLUMNS)
    return Spans(rows, lines, every, has_lines)


def _coded(found: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        found[field.name].dictionary_encode() if pa.types.is_dictionary(field.type) else found[field.name]
        for field in schema
    ]
    return pa.table(columns, names=schema.names).cast(schema)
