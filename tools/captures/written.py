"""A snapshot folder out of what live systems answered, and a word on what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ..metrics.series import Floats, SeriesKey, Times
from ..snapshots.manifest import Manifest
from ..snapshots.schema import REQUIRED_TABLES, TableName
from ..snapshots.writer import SnapshotWriter
from .assembled import Told, rows_in, series_in, spans_in
from .cleaned import Cleaner
from .lines import lines_in
from .pieces import Piece

_CHUNK_ROWS = 200_000
_KEYED = {"body": "body", "message": "message", "summary": "summary", "author": "author"}
"""Columns whose name tells what stands in them; names of systems, metrics and operations are cleaned as plain text."""
_TIMES = frozenset(("ts", "ts_us", "start"))


class KeptTable(BaseModel):
    """What became of one table.

    Args:
        status: `kept`; `truncated` (more was there); `failed` (no system of the domain answered); `missing` (no system
            is configured for it, or none was asked).
        rows: written.
        notes: what to know about them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Literal["kept", "truncated", "failed", "missing"]
    rows: int = 0
    notes: tuple[str, ...] = ()


class Origin(BaseModel):
    """`capture.json`: what a captured snapshot was asked for, and what it lacks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    run_id: str = Field(description="the run that read it; its placeholders can be looked up there")
    captured_at: AwareDatetime
    while_triaging: bool = Field(description="whether this is what a triage saw, rather than what was asked for it")
    systems: tuple[str, ...] = Field(description="the domains that systems were asked for")
    most_rows: int = Field(description="rows of a table that were kept at most")
    withheld: int = Field(default=0, description="texts that could not be proven clean and are left out")
    tables: dict[str, KeptTable] = Field(default_factory=dict)


def write_captured(
    folder: Path,
    manifest: Manifest,
    pieces: Sequence[Piece],
    failures: Mapping[TableName, Sequence[str]],
    cleaner: Cleaner,
    origin: Origin,
) -> Origin:
    """Write what was answered as a snapshot.

    Args:
        folder: must not exist yet.
        manifest: of the incident; its texts are clean.
        pieces: what was answered.
        failures: per table, what systems failed with, in our words.
        cleaner: takes out what may not leave.
        origin: without `tables` and `withheld`.

    Returns:
        The origin as it is written beside the tables.

    Raises:
        InputError: the folder exists.
    """
    by_table: dict[TableName, list[Piece]] = {}
    for piece in pieces:
        by_table.setdefault(piece.table, []).append(piece)
    unknown: frozenset[TableName] = frozenset(table for table in REQUIRED_TABLES if table not in by_table)
    told: dict[str, KeptTable] = {}
    with SnapshotWriter(folder, manifest, unknown=unknown) as writer:
        for table, some in sorted(by_table.items()):
            rows, about = _write(writer, table, some, cleaner, origin.most_rows, manifest.window.end)
            notes = (*filter(None, [about.note]), *failures.get(table, ()))
            told[table] = KeptTable(status="truncated" if about.is_cut else "kept", rows=rows, notes=notes)
        for table in unknown:
            why = tuple(failures.get(table, ()))
            told[table] = KeptTable(status="failed" if why else "missing", notes=why)
        whole = origin.model_copy(update={"tables": dict(sorted(told.items())), "withheld": cleaner.withheld})
        writer.write_origin(whole.model_dump_json(indent=2) + "\n")
    folder.chmod(0o700)
    return whole


def _write(
    writer: SnapshotWriter, table: TableName, pieces: Sequence[Piece], cleaner: Cleaner, most: int, end: datetime
) -> tuple[int, Told]:
    if table == "metrics":
        return _write_series(writer, series_in(pieces), cleaner, most)
    if table == "logs":
        rows, about = lines_in(pieces, most)
        rows.sort(key=lambda row: row["ts_us"])
        return _write_rows(writer, table, rows, cleaner), about
    if table == "spans":
        spans, about = spans_in([piece for piece in pieces if piece.form == "spans"], most)
        if spans is None:
            return 0, about
        for name in ("entity", "name"):
            cleaner.learn(spans[name].unique().to_pylist())
            texts = [cleaner.text(text) for text in spans[name].to_pylist()]
            spans = spans.set_column(spans.column_names.index(name), name, pa.array(texts, pa.string()))
        writer.write(table, spans)
        return spans.num_rows, about
    rows, about = rows_in(pieces, most)
    if table == "objects":
        # A cluster tells how it is now; in a snapshot it is how it was when the window ended.
        rows = [{**row, "ts": min(row["ts"], end)} for row in rows]
    return _write_rows(writer, table, rows, cleaner), about


def _write_rows(writer: SnapshotWriter, table: TableName, rows: Sequence[Mapping[str, Any]], cleaner: Cleaner) -> int:
    if not rows:
        writer.write(table, {})
        return 0
    columns: dict[str, Any] = {}
    for name in rows[0]:
        values = [row.get(name) for row in rows]
        if name in ("attributes", "labels"):
            cleaner.learn_pairs(values)
            columns[name] = [cleaner.pairs(pairs) for pairs in values]
        elif name == "ts_us":
            columns["ts"] = pa.array(values, pa.int64()).cast(pa.timestamp("us", tz="UTC"))
        elif name in _TIMES or name == "count":
            columns[name] = values
        elif name == "manifest":
            columns[name] = [cleaner.document(text) for text in values]
        elif name not in ("source", "calls"):  # of edges: who says so, and how often it was seen
            cleaner.learn(values, _KEYED.get(name, ""))
            columns[name] = [cleaner.text(text, _KEYED.get(name, "")) for text in values]
    writer.write(table, columns)
    return len(rows)


def _write_series(
    writer: SnapshotWriter, found: Mapping[SeriesKey, tuple[Times, Floats]], cleaner: Cleaner, most: int
) -> tuple[int, Told]:
    names, samples = list(found), list(found.values())
    keys = cleaner.keys(names)
    lengths = np.array([len(times) for times, _ in samples], np.int64)
    kept = int(np.searchsorted(np.cumsum(lengths), most, side="right"))
    for start, end in _chunks(lengths[:kept]):
        _write_chunk(writer, keys[start:end], samples[start:end])
    if not kept:
        writer.write("metrics", {})
    left = len(keys) - kept
    about = Told(f"{left} of {len(keys)} series were left out", is_cut=True) if left else Told()
    return int(lengths[:kept].sum()), about


def _chunks(lengths: np.ndarray[Any, np.dtype[np.int64]]) -> Iterator[tuple[int, int]]:
    """Neighbouring series of about `_CHUNK_ROWS` samples together."""
    start, rows = 0, 0
    for place, length in enumerate(lengths):
        rows += int(length)
        if rows >= _CHUNK_ROWS:
            yield start, place + 1
            start, rows = place + 1, 0
    if start < len(lengths):
        yield start, len(lengths)


def _write_chunk(writer: SnapshotWriter, keys: Sequence[SeriesKey], samples: Sequence[tuple[Times, Floats]]) -> None:
    owner = pa.array(np.repeat(np.arange(len(keys)), [len(times) for times, _ in samples]))

    def spread(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
        return pa.array(values, kind).take(owner)

    times = np.concatenate([times for times, _ in samples])
    writer.write(
        "metrics",
        {
            "ts": pa.array(times, pa.timestamp("us", tz="UTC")),
            "entity": spread([key.entity for key in keys], pa.string()),
            "metric": spread([key.metric for key in keys], pa.string()),
            "kind": spread([key.kind for key in keys], pa.string()),
            "value": pa.array(np.concatenate([values for _, values in samples])),
            "unit": spread([key.unit for key in keys], pa.string()),
            "labels": spread([list(key.labels) for key in keys], pa.map_(pa.string(), pa.string())),
        },
    )
