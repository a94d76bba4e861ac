"""The tables of a snapshot: names, columns and types. Times are UTC microseconds."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

TableName = Literal[
    "metrics",
    "logs",
    "spans",
    "changes",
    "topology",
    "alerts",
    "slos",
    "objects",
    "events",
    "features",
    "predictions",
    "outcomes",
    "jobs",
]

_TS = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_PAIRS = pa.map_(pa.string(), pa.string())

METRIC_KINDS = ("gauge", "counter", "histogram")

TABLES: dict[TableName, pa.Schema] = {
    "metrics": pa.schema(
        [
            ("ts", _TS),
            ("entity", _TEXT),
            ("metric", _TEXT),
            ("kind", _TEXT),  # gauge, counter (ever-growing total) or histogram (one quantile or bucket per label set)
            ("value", pa.float64()),
            ("unit", _TEXT),
            ("labels", _PAIRS),
        ]
    ),
    "logs": pa.schema(
        [
            ("ts", _TS),
            ("entity", _TEXT),
            ("level", _TEXT),
            ("body", _TEXT),
            ("attributes", _PAIRS),
            ("trace_id", _TEXT),
            ("span_id", _TEXT),
        ]
    ),
    "spans": pa.schema(
        [
            ("trace_id", _TEXT),
            ("span_id", _TEXT),
            ("parent_id", _TEXT),
            ("entity", _TEXT),
            ("name", _TEXT),
            ("start", _TS),
            ("duration_us", pa.int64()),
            ("status", _TEXT),  # OK, ERROR or UNSET
            ("attributes", _PAIRS),
        ]
    ),
    "changes": pa.schema(
        [
            ("ts", _TS),
            ("entity", _TEXT),
            ("kind", _TEXT),
            ("id", _TEXT),
            ("summary", _TEXT),
            ("author", _TEXT),
            ("attributes", _PAIRS),
        ]
    ),
    "topology": pa.schema([("caller", _TEXT), ("callee", _TEXT), ("kind", _TEXT)]),
    "alerts": pa.schema(
        [
            ("ts", _TS),
            ("name", _TEXT),
            ("entity", _TEXT),
            ("severity", _TEXT),
            ("state", _TEXT),
            ("summary", _TEXT),
            ("labels", _PAIRS),
        ]
    ),
    "slos": pa.schema(
        [("entity", _TEXT), ("name", _TEXT), ("objective", pa.float64()), ("window_s", pa.int64()), ("query", _TEXT)]
    ),
    "objects": pa.schema([("ts", _TS), ("entity", _TEXT), ("kind", _TEXT), ("name", _TEXT), ("manifest", _TEXT)]),
    "events": pa.schema(
        [("ts", _TS), ("entity", _TEXT), ("kind", _TEXT), ("reason", _TEXT), ("message", _TEXT), ("count", pa.int64())]
    ),
    "features": pa.schema(
        [("ts", _TS), ("entity", _TEXT), ("feature", _TEXT), ("value", pa.float64()), ("labels", _PAIRS)]
    ),
    "predictions": pa.schema(
        [
            ("ts", _TS),
            ("entity", _TEXT),
            ("model", _TEXT),
            ("version", _TEXT),
            ("score", pa.float64()),
            ("labels", _PAIRS),
        ]
    ),
    "outcomes": pa.schema(
        [
            ("ts", _TS),
            ("entity", _TEXT),
            ("country", _TEXT),
            ("issuer", _TEXT),
            ("provider", _TEXT),
            ("outcome", _TEXT),
            ("response_code", _TEXT),
            ("count", pa.int64()),
            ("amount_minor", pa.int64()),
            ("currency", _TEXT),
            ("labels", _PAIRS),
        ]
    ),
    "jobs": pa.schema(
        [
            ("ts", _TS),
            ("pipeline", _TEXT),
            ("run", _TEXT),
            ("task", _TEXT),  # empty: the row is the run itself
            ("attempt", pa.int64()),
            ("state", _TEXT),
            ("ended", _TS),
            ("upstream", _TEXT),  # the tasks right before it, with commas between
            ("log", _TEXT),
            ("attributes", _PAIRS),
        ]
    ),
}

OPTIONAL_COLUMNS: frozenset[tuple[TableName, str]] = frozenset({("outcomes", "labels")})
"""Columns that a file may lack; they are read as null."""

REQUIRED_TABLES: tuple[TableName, ...] = ("metrics", "logs", "spans", "changes", "topology")
"""Tables every snapshot is expected to have. One that is missing is reported, never read as empty."""

TIME_COLUMN: dict[TableName, str] = {
    name: ("start" if name == "spans" else "ts")
    for name, schema in TABLES.items()
    if name == "spans" or "ts" in schema.names
}
