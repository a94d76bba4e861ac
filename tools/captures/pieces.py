"""One answer of a live system as a table that can be stored, and that says by itself how it is to be read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

import numpy as np
import pyarrow as pa

from ...core.errors import InputError
from ..metrics.series import SeriesKey, SeriesSet
from ..snapshots.schema import TableName
from ..windows import ComparedWindows, to_us

Form = Literal["series", "lines", "written", "groups", "spans", "changes", "notices", "alerts", "edges", "objects"]

TABLE_OF: Mapping[Form, TableName] = {
    "series": "metrics",
    "lines": "logs",
    "written": "logs",  # lines of spans, by the ids that those have in a capture
    "groups": "logs",
    "spans": "spans",
    "changes": "changes",
    "notices": "events",
    "alerts": "alerts",
    "edges": "topology",
    "objects": "objects",
}
"""The table of a snapshot that a form of answer belongs to."""

_METADATA = b"opswarden"


@dataclass(frozen=True)
class Piece:
    """What one answer held.

    Args:
        form: how the rows are to be read.
        rows: as the backend gave them; samples of series as `series`, `ts_us` and `value`.
        start_us: of the stretch of time that was asked about; 0 where the question had none.
        end_us: of that stretch.
        facts: what else is needed to read them: plain JSON.
        cut: rows that matched and were not answered.
    """

    form: Form
    rows: pa.Table
    start_us: int = 0
    end_us: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    cut: int = 0

    @property
    def table(self) -> TableName:
        """The table of a snapshot that it belongs to."""
        return TABLE_OF[self.form]

    def packed(self) -> pa.Table:
        """The rows, with everything else in the metadata of their schema."""
        told = {
            "form": self.form,
            "start_us": self.start_us,
            "end_us": self.end_us,
            "facts": self.facts,
            "cut": self.cut,
        }
        return self.rows.replace_schema_metadata({_METADATA: json.dumps(told).encode()})


def unpacked(table: pa.Table) -> Piece:
    """What `Piece.packed` packed.

    Raises:
        InputError: it is something else.
    """
    try:
        told = json.loads((table.schema.metadata or {})[_METADATA])
        return Piece(rows=table.replace_schema_metadata(None), **told)
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(
            "what was kept of the run cannot be read", remedy="another version kept it; run it again"
        ) from error


class Keeper(Protocol):
    """Who keeps what systems answer. Never raises: that something cannot be kept is no reason not to look."""

    def keep(self, piece: Piece) -> None:
        """Keep an answer."""
        ...

    def failed(self, table: TableName, message: str) -> None:
        """Remember that a system did not answer, and why, in our words."""
        ...


def of_series(found: SeriesSet, start: datetime, end: datetime) -> Piece:
    """The samples of an answer, and the keys of its series."""
    lengths = np.diff(found.bounds)
    rows = pa.table(
        {
            "series": pa.array(np.repeat(np.arange(len(found), dtype=np.int32), lengths)),
            "ts_us": pa.array(found.times_us),
            "value": pa.array(found.values),
        }
    )
    keys = [[key.entity, key.metric, key.kind, key.unit, [list(pair) for pair in key.labels]] for key in found.keys]
    return Piece("series", rows, to_us(start), to_us(end), {"keys": keys})


def keys_of(piece: Piece) -> list[SeriesKey]:
    """The keys of a piece of samples."""
    return [
        SeriesKey(entity, metric, kind, unit, tuple((name, value) for name, value in labels))
        for entity, metric, kind, unit, labels in piece.facts["keys"]
    ]


def of_windows(form: Form, rows: pa.Table, windows: ComparedWindows, more: Mapping[str, Any] | None = None) -> Piece:
    """An answer about both windows of a comparison."""
    facts = {
        "start_us": to_us(windows.start),
        "baseline_end_us": to_us(windows.baseline_end),
        **(more or {}),
    }
    return Piece(form, rows, to_us(windows.baseline_start), to_us(windows.end), facts)


def entities_in(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """Names that pass redaction: those of series, spans and the call graph, as in a snapshot."""
    found: set[str] = set()
    for piece in pieces:
        if piece.form == "series":
            found.update(key[0] for key in piece.facts["keys"])
        elif piece.form == "spans":
            found.update(piece.rows["entity"].unique().to_pylist())
        elif piece.form == "edges":
            found.update(piece.rows["caller"].to_pylist(), piece.rows["callee"].to_pylist())
    return tuple(sorted(name for name in found if name))
