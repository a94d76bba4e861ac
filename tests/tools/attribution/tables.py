"""Small artifacts, built row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from opswarden.tools.changes.versions import VERSION_COLUMNS
from opswarden.tools.logs.patterns import PATTERN_COLUMNS
from opswarden.tools.metrics.indicators import classify
from opswarden.tools.metrics.tools import SHIFT_COLUMNS
from opswarden.tools.traces.latency import LATENCY_COLUMNS

START = datetime(2030, 1, 2, 12, 0, tzinfo=UTC)


def us(minutes: float) -> int:
    """Microseconds of the moment so many minutes after the start of the window."""
    return round((START + timedelta(minutes=minutes)).timestamp() * 1e6)


def _table(schema: pa.Schema, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def shift(
    entity: str, metric: str, score: float | None, *, before: float = 1.0, after: float = 2.0, **more: Any
) -> dict[str, Any]:
    """One series of `metrics.shifts`; the direction follows from the values."""
    return {
        "entity": entity,
        "metric": metric,
        "labels": list(more.pop("labels", {}).items()),
        "indicator_class": classify(metric),
        "direction": "up" if after >= before else "down",
        "score": score,
        "before": before,
        "after": after,
        "first_us": us(-300),
        "samples": 30,
        "window_low": after * 0.99,
        "window_median": after,
        "window_high": after * 1.01,
        **more,
    }


def shifts(*rows: Mapping[str, Any]) -> pa.Table:
    return _table(SHIFT_COLUMNS, rows)


def pattern(entity: str, template: str, score: float, *, level: str = "error", kind: str = "new") -> dict[str, Any]:
    return {
        "entity": entity,
        "template": template,
        "level": level,
        "kind": kind,
        "score": score,
        "count_before": 0,
        "count_after": 9,
        "onset_us": us(3),
    }


def patterns(*rows: Mapping[str, Any]) -> pa.Table:
    return _table(PATTERN_COLUMNS, rows)


def operation(entity: str, name: str, **more: Any) -> dict[str, Any]:
    return {"entity": entity, "name": name, "spans_before": 500, "spans_after": 200, **more}


def latency(*rows: Mapping[str, Any]) -> pa.Table:
    return _table(LATENCY_COLUMNS, rows)


def versions(*rows: Mapping[str, Any]) -> pa.Table:
    return _table(VERSION_COLUMNS, rows)


def graph(*edges: tuple[str, str]) -> pa.Table:
    return pa.table(
        {
            "caller": [caller for caller, _ in edges],
            "callee": [callee for _, callee in edges],
            "kind": ["calls"] * len(edges),
        }
    )


def changes(*rows: tuple[str, str, float]) -> pa.Table:
    """Entity, id, minutes after the start of the window."""
    return pa.table(
        {
            "ts": pa.array(
                [START + timedelta(minutes=minutes) for _, _, minutes in rows], pa.timestamp("us", tz="UTC")
            ),
            "entity": [entity for entity, _, _ in rows],
            "id": [change_id for _, change_id, _ in rows],
            "kind": ["deploy"] * len(rows),
        }
    )
