"""A quiet platform of four services, written row by row: the snapshot that deserves `healthy` and is then damaged."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from opswarden.tools.snapshots.manifest import AlertRef, Manifest, Window
from opswarden.tools.snapshots.writer import SnapshotWriter

ENTITIES = ("gateway", "scorer", "features", "store")
START = datetime(2024, 3, 5, 10, 0, tzinfo=UTC)
WINDOW = Window(start=START + timedelta(minutes=90), end=START + timedelta(minutes=120))
BASELINE = Window(start=START, end=WINDOW.start)
_STEP_S = 30
_MOMENTS = [START + timedelta(seconds=row * _STEP_S) for row in range(240)]
_METRICS = (("cpu_usage", 0.4), ("error_rate", 0.01), ("latency_ms", 80.0), ("request_rate", 200.0))


def _wobble(row: int, salt: int) -> float:
    """Between -1 and 1, without a trend and without a random source."""
    return math.sin(row * 12.9898 + salt * 78.233)


def write_calm(folder: Path) -> Path:
    """Write the snapshot; nothing in it happens."""
    manifest = Manifest(
        title="somebody asked whether all is well",
        environment="staging",
        window=WINDOW,
        baseline=BASELINE,
        alert=AlertRef(name="PageSlow", entity="gateway", metric="latency_ms", severity="page", summary="page is slow"),
        source="a test",
        licence="none",
    )
    with SnapshotWriter(folder, manifest) as writer:
        writer.write("metrics", _metrics())
        writer.write("logs", _logs())
        writer.write("spans", _spans())
        writer.write(
            "changes",
            {
                "ts": [START - timedelta(hours=5)],
                "entity": ["store"],
                "kind": ["commit"],
                "id": ["c-1"],
                "summary": ["tidy a comment"],
                "author": ["somebody"],
                "attributes": [[]],
            },
        )
        writer.write("topology", {"caller": list(ENTITIES[:-1]), "callee": list(ENTITIES[1:]), "kind": ["calls"] * 3})
        writer.write_runbook("pageslow.md", "# PageSlow\n\n## Diagnosis\n\n1. Look at latency_ms of the gateway.\n")
    return folder


def _metrics() -> dict[str, list[Any]]:
    rows = [
        (moment, entity, metric, level * (1 + 0.02 * _wobble(row, 7 * place + column)))
        for place, entity in enumerate(ENTITIES)
        for column, (metric, level) in enumerate(_METRICS)
        for row, moment in enumerate(_MOMENTS)
    ]
    return {
        "ts": [row[0] for row in rows],
        "entity": [row[1] for row in rows],
        "metric": [row[2] for row in rows],
        "kind": ["gauge"] * len(rows),
        "value": [row[3] for row in rows],
        "unit": [""] * len(rows),
        "labels": [[("zone", "a")]] * len(rows),
    }


def _logs() -> dict[str, list[Any]]:
    rows = [
        (moment + timedelta(seconds=place), entity, f"served request {1_000 + row} in {20 + row % 7} ms")
        for row, moment in enumerate(_MOMENTS)
        for place, entity in enumerate(ENTITIES)
    ]
    return {
        "ts": [row[0] for row in rows],
        "entity": [row[1] for row in rows],
        "level": ["INFO"] * len(rows),
        "body": [row[2] for row in rows],
        "attributes": [[]] * len(rows),
    }


def _spans() -> dict[str, list[Any]]:
    rows = [
        (f"{row:032x}", f"{place + 1:016x}", f"{place:016x}" if place else None, entity, moment, 9_000 - 2_000 * place)
        for row, moment in enumerate(_MOMENTS)
        for place, entity in enumerate(ENTITIES)
    ]
    return {
        "trace_id": [row[0] for row in rows],
        "span_id": [row[1] for row in rows],
        "parent_id": [row[2] for row in rows],
        "entity": [row[3] for row in rows],
        "name": ["GET /pay"] * len(rows),
        "start": [row[4] for row in rows],
        "duration_us": [row[5] + row_number % 90 for row_number, row in enumerate(rows)],
        "status": ["OK"] * len(rows),
        "attributes": [[]] * len(rows),
    }


def rewrite(folder: Path, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Replace a table of a snapshot by what `change` makes of it."""
    path = folder / f"{table}.parquet"
    pq.write_table(change(pq.read_table(path)), path)


def with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """A table with other values, and perhaps another type, in one column."""
    return table.set_column(table.schema.get_field_index(name), name, values)


def redeclare(folder: Path, **changed: Any) -> None:
    """Change entries of `snapshot.json`."""
    path = folder / "snapshot.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed), encoding="utf-8")
