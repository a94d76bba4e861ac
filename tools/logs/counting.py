"""Lines counted by entity, level and masked text, where they lie or while they stream by.

One set of queries serves both: a snapshot runs them over its file, `LineCounter` over the batches that a live system
hands over. Memory is bounded: of a batch only the texts that differ stay, and of those the most telling.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import pyarrow as pa

from ..arrow import compute as pc
from ..in_memory import in_memory
from ..windows import ComparedWindows, to_us
from .grouped import BLOCKS, GROUP_COLUMNS, MAX_GROUPS, TOTAL_COLUMNS, GroupedLines
from .levels import SPELLINGS
from .masks import first_pass, second_pass
from .structured import level_sql

BLOCK_NAMES = tuple(f"before_{block}" for block in range(BLOCKS))
_COUNTS = ("after", *BLOCK_NAMES)
_FOLDED_AT = 4 * MAX_GROUPS
"""Texts that wait before they are folded."""
_KEPT_BYTES = 64_000_000
"""Of lines that may become examples, and again of those that name a span."""

MOST_TELLING = f"level = 'error' AND sum(after) > 0 DESC, sum({' + '.join(_COUNTS)}) DESC, entity, masked, level"
"""The order in which groups are kept."""


def level_case(written: str) -> str:
    """A DuckDB expression: the level (`levels.Level`) that a spelling in capitals stands for."""
    cases = (
        f"WHEN {written} IN ({', '.join(repr(text) for text in sorted(spellings))}) THEN {level!r}"
        for level, spellings in SPELLINGS.items()
    )
    return f"CASE {' '.join(cases)} ELSE 'unknown' END"


BLOCK = f"""CASE WHEN us >= $start_us THEN {BLOCKS}
                 ELSE least((us - $baseline_us) * {BLOCKS} // $baseline_length_us, {BLOCKS - 1}) END"""
"""A DuckDB expression: the part of the baseline that a moment falls into, or the number after the last for the window.
Needs the parameters of `blocks_of`."""


def blocks_of(windows: ComparedWindows) -> dict[str, int]:
    """The parameters of `BLOCK`."""
    return {
        "start_us": to_us(windows.start),
        "baseline_us": to_us(windows.baseline_start),
        "baseline_length_us": to_us(windows.baseline_end) - to_us(windows.baseline_start),
    }


def counted_first(source: str, also: str = "") -> str:
    """A DuckDB query: lines counted by what the first pass of the masks leaves of them.

    Args:
        source: a table or a query in brackets with entity, level, body, us, place and block.
        also: one more column to keep apart.
    """
    keys = f"{also}, entity, level, text" if also else "entity, level, text"
    blocks = ", ".join(f"count_if(block = {block})::BIGINT AS {name}" for block, name in enumerate(BLOCK_NAMES))
    return f"""
        SELECT {keys}, min(us) AS first_us, min(us) FILTER (block = {BLOCKS}) AS onset_us, max(us) AS last_us,
               min(place) FILTER (block = {BLOCKS}) AS place_after, min(place) AS place_any,
               count_if(block = {BLOCKS})::BIGINT AS after, {blocks}
        FROM {first_pass(source, "body", "text")} GROUP BY {keys}
    """  # noqa: S608 - all parts are ours


_SUMS = ", ".join(f"sum({name})::BIGINT AS {name}" for name in _COUNTS)


def counted_second(source: str) -> str:
    """A DuckDB query: `GROUP_COLUMNS` in their order, out of what `counted_first` counts with a `weight` added.

    Args:
        source: a table or a query in brackets.
    """
    return f"""
        SELECT entity, level, {second_pass("text")} AS masked, weight,
               min(first_us) AS first_us, min(onset_us) AS onset_us, max(last_us) AS last_us,
               coalesce(min(place_after), min(place_any))::VARCHAR AS example_id, {_SUMS}
        FROM {source} GROUP BY entity, level, masked, weight
        ORDER BY {MOST_TELLING}
        LIMIT {MAX_GROUPS + 1}
    """  # noqa: S608 - all parts are ours


_WRITTEN = f"(SELECT *, upper({level_sql('level', 'body')}) AS written FROM batch)"  # noqa: S608 - ours
_LOOKED_AT = f"""
    (SELECT $stratum::INTEGER AS stratum, coalesce(entity, '') AS entity, {level_case("written")} AS level, body,
            ts_us AS us, place, {BLOCK} AS block
     FROM {_WRITTEN})
"""  # noqa: S608 - all parts are ours
_ADDED = f"INSERT INTO waiting {counted_first(_LOOKED_AT, 'stratum')} RETURNING coalesce(place_after, place_any)"
_COLUMNS = f"""first_us BIGINT, onset_us BIGINT, last_us BIGINT, place_after BIGINT, place_any BIGINT,
    {", ".join(f"{name} BIGINT" for name in _COUNTS)}"""
_FOLD = f"""
    SELECT stratum, entity, level, masked, min(first_us) AS first_us, min(onset_us) AS onset_us,
           max(last_us) AS last_us, min(place_after) AS place_after, min(place_any) AS place_any, {_SUMS}
    FROM (SELECT * FROM folded UNION ALL BY NAME
          SELECT * EXCLUDE (text), {second_pass("text")} AS masked FROM waiting)
    GROUP BY stratum, entity, level, masked
    ORDER BY {MOST_TELLING}, stratum
    LIMIT {2 * MAX_GROUPS + 1}
"""  # noqa: S608 - all parts are ours
_GROUPED = f"""
    SELECT entity, level, masked, weight, min(first_us) AS first_us, min(onset_us) AS onset_us,
           max(last_us) AS last_us, coalesce(min(place_after), min(place_any)) AS place, {_SUMS}
    FROM folded JOIN weights USING (stratum, entity) GROUP BY entity, level, masked, weight
    ORDER BY {MOST_TELLING}, weight
    LIMIT {MAX_GROUPS + 1}
"""  # noqa: S608 - all parts are ours
_SEEN = f"SELECT stratum, entity, sum({' + '.join(_COUNTS)})::BIGINT AS lines FROM folded GROUP BY ALL"  # noqa: S608 - ours

Strata = Mapping[tuple[int, str], int]
"""A number for each stratum and entity."""


class LineCounter:
    """Counts the lines of two windows as they come; may be fed from several threads.

    Args:
        windows: what is compared.
        threads: cores that the masks may use.
    """

    def __init__(self, windows: ComparedWindows, *, threads: int = 1) -> None:
        self._duckdb = in_memory(threads, memory_limit="600MB")
        self._duckdb.execute(
            f"CREATE TABLE waiting (stratum INTEGER, entity VARCHAR, level VARCHAR, text VARCHAR, {_COLUMNS})"
        )
        self._duckdb.execute(
            f"CREATE TABLE folded (stratum INTEGER, entity VARCHAR, level VARCHAR, masked VARCHAR, {_COLUMNS})"
        )
        self._blocks = blocks_of(windows)
        self._lock = threading.Lock()
        self._lines = 0
        self._waiting = 0
        self._kept: list[pa.Table] = []
        self._spanned: list[pa.Table] | None = []
        self._complete = True

    def __enter__(self) -> LineCounter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._duckdb.close()

    def add(self, rows: pa.Table, stratum: int = 0) -> None:
        """Count lines.

        Args:
            rows: `backends.types.LINE_COLUMNS`, all inside of the windows.
            stratum: the way in which they were picked.
        """
        if not rows.num_rows:
            return
        with self._lock:
            first = self._lines
            self._lines += rows.num_rows
            placed = rows.append_column("place", pa.array(range(first, self._lines), pa.int64()))
            self._duckdb.register("batch", placed.select(["ts_us", "entity", "level", "body", "place"]))
            examples = self._duckdb.execute(_ADDED, {**self._blocks, "stratum": stratum}).fetchall()
            self._waiting += len(examples)
            places = pa.array([place for (place,) in examples], pa.int64())
            self._kept.append(placed.filter(pc.is_in(placed["place"], places)))
            self._keep_spanned(rows)
            if self._waiting > _FOLDED_AT or sum(table.nbytes for table in self._kept) > _KEPT_BYTES:
                self._fold()

    def seen(self) -> dict[tuple[int, str], int]:
        """How many lines of each stratum and entity were counted."""
        with self._lock:
            self._fold()
            found = self._duckdb.execute(_SEEN).fetchall()
        return {(stratum, entity): lines for stratum, entity, lines in found}

    def grouped(self, totals: pa.Table, weights: Strata, *, complete: bool = True) -> tuple[GroupedLines, pa.Table]:
        """What was counted, and the lines that its examples are.

        Args:
            totals: `TOTAL_COLUMNS`, of all lines whether they were looked at or not.
            weights: how many lines each counted one stands for, 1 or more; of every stratum and entity seen.
            Lines that name a span are handed over where each stands for itself alone.
            complete: whether nothing is known to be missing.
        """
        named = [(stratum, entity, weight) for (stratum, entity), weight in weights.items()]
        kinds = (("stratum", pa.int32()), ("entity", pa.string()), ("weight", pa.int64()))
        with self._lock:
            self._fold()
            self._duckdb.register(
                "weights",
                pa.table({name: pa.array([row[at] for row in named], kind) for at, (name, kind) in enumerate(kinds)}),
            )
            rows = self._duckdb.sql(_GROUPED).to_arrow_table()
            kept = pa.concat_tables(self._kept) if self._kept else None
            is_whole = complete and all(weight == 1 for weight in weights.values())
            spanned = pa.concat_tables(self._spanned) if is_whole and self._spanned else None
        ids: Any = pa.nulls(rows.num_rows, pa.string())
        examples = pa.table({})
        if kept is not None:
            ids = pc.take(kept["id"].combine_chunks(), pc.index_in(rows["place"], kept["place"].combine_chunks()))
            examples = kept.drop_columns("place")
        rows = rows.set_column(rows.schema.get_field_index("place"), "example_id", ids)
        return (
            GroupedLines(
                rows.slice(0, MAX_GROUPS).select(GROUP_COLUMNS.names).cast(GROUP_COLUMNS),
                totals.cast(TOTAL_COLUMNS),
                complete=complete and self._complete and rows.num_rows <= MAX_GROUPS,
                spanned=spanned,
            ),
            examples,
        )

    def _keep_spanned(self, rows: pa.Table) -> None:
        if self._spanned is None:
            return
        named = pc.fill_null(pc.not_equal(rows["span_id"], ""), False)
        self._spanned.append(rows.filter(named).drop_columns("attributes"))
        if sum(table.nbytes for table in self._spanned) > _KEPT_BYTES:
            self._spanned = None

    def _fold(self) -> None:
        if not self._waiting:
            return
        self._duckdb.execute(f"CREATE OR REPLACE TABLE refolded AS {_FOLD}")
        self._duckdb.execute("DROP TABLE folded; ALTER TABLE refolded RENAME TO folded; DELETE FROM waiting")
        self._waiting = 0
        found = self._duckdb.sql("SELECT coalesce(place_after, place_any) FROM folded").to_arrow_table()
        self._complete &= found.num_rows <= 2 * MAX_GROUPS
        places = found.column(0).combine_chunks()
        kept = pa.concat_tables(self._kept)
        self._kept = [kept.filter(pc.is_in(kept["place"], places))]
