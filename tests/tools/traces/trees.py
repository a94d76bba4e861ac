"""Hand-made traces as arrays, without a backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from opswarden.tools.traces.forest import Forest, plant
from opswarden.tools.traces.spans import LINE_COLUMNS, SPAN_COLUMNS, Spans


def row(begin: int, end: int, parent: int = -1, entity: str = "oven", **more: Any) -> dict[str, Any]:
    """One span; its parent is a place in the same list."""
    found = {"trace": 0, "parent": parent, "entity": entity, "name": f"{entity}.work", "begin_us": begin}
    return found | {"end_us": end, "failed": False, "is_again": False, "is_orphan": False} | more


def table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """`SPAN_COLUMNS`."""
    plain = pa.schema([(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in SPAN_COLUMNS])
    return pa.Table.from_pylist(list(rows), schema=plain).cast(SPAN_COLUMNS)


def forest(*rows: dict[str, Any]) -> Forest:
    """The trees of some rows."""
    return plant(table(rows))


def spans(rows: Sequence[dict[str, Any]], lines: Sequence[tuple[int, str, str]] = ()) -> Spans:
    """Rows and lines (span, masked text, level)."""
    kinds = (pa.int64(), pa.string(), pa.string(), pa.int64())
    plain = pa.schema(list(zip(LINE_COLUMNS.names, kinds, strict=True)))
    numbered = [(*line, place) for place, line in enumerate(lines)]
    written = pa.Table.from_pylist([dict(zip(plain.names, line, strict=True)) for line in numbered], schema=plain)
    return Spans(table(rows), written.cast(LINE_COLUMNS), has_lines=bool(lines))
