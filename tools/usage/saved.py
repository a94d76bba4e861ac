"""The history of a fleet in a folder, one Parquet file a day: only days that are new or were changed are read again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...core.clock import Deadline
from ...core.errors import BackendError
from ..fleets.schema import USAGE_RESOURCES
from ..fleets.store import FleetStore
from .building import build_history
from .history import History, united
from .rows import Rows

_VERSION = 1
"""Of what lies in the files; another one is read from the fleet again."""
_METADATA = b"opswarden"


@dataclass(frozen=True)
class Updated:
    """A history after what was new was read.

    Args:
        history: of all days.
        read: days that were read from the fleet.
        kept: days that were there already, unchanged.
    """

    history: History
    read: tuple[date, ...]
    kept: tuple[date, ...]


class HistoryFolder:
    """Keeps the history of one fleet.

    Args:
        folder: of ours; made when it is needed, readable by its owner only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def update(self, store: FleetStore, deadline: Deadline | None = None) -> Updated:
        """Read what is new, and return the history of the whole fleet.

        A day is read again when its samples have changed; interrupted, it goes on where it was.

        Raises:
            BackendError: the fleet did not answer, or not before the deadline.
        """
        marks = day_marks(store, deadline)
        known = {day: self._read(day, mark) for day, mark in marks.items()}
        stale = [day for day, found in known.items() if found is None]
        parts = [found for found in known.values() if found is not None]
        kept = tuple(day for day, found in known.items() if found is not None)
        for first, last in _stretches(stale):
            with store.asking(deadline) as cursor:
                built = build_history(cursor, "usage", first, last)
            for day in (first + timedelta(days=place) for place in range((last - first).days + 1)):
                self._write(built.history.between(day, day), day, marks[day])
            parts.append(built.history)
        if not parts:
            parts.append(nothing())
        return Updated(united(parts), tuple(stale), kept)

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.parquet"

    def _read(self, day: date, mark: str) -> History | None:
        import pyarrow.parquet as pq  # noqa: PLC0415 - 100 ms that only a saved history needs

        path = self._path(day)
        try:
            table = pq.read_table(path)
            told = json.loads((table.schema.metadata or {})[_METADATA])
            if told != {"version": _VERSION, "mark": mark}:
                return None
            return from_table(table)
        except (OSError, pa.ArrowException, KeyError, ValueError):
            return None

    def _write(self, history: History, day: date, mark: str) -> None:
        import pyarrow.parquet as pq  # noqa: PLC0415 - as above

        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        told = json.dumps({"version": _VERSION, "mark": mark}).encode()
        draft = self._folder / f".{day.isoformat()}.draft"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                pq.write_table(as_table(history).replace_schema_metadata({_METADATA: told}), file, compression="zstd")
            draft.replace(self._path(day))
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise BackendError(
                f"the history of {day.isoformat()} could not be kept ({type(error).__name__})",
                remedy="look for free space and rights in the state folder",
            ) from error


def day_marks(store: FleetStore, deadline: Deadline | None = None) -> dict[date, str]:
    """What tells whether the samples of a day are the ones of before, for every day of the fleet.

    Where usage lies in parts it is their names, sizes and times; a single file is looked through.
    """
    manifest, span = store.manifest, store.span("usage")
    first, last = (
        manifest.start.astimezone(UTC).date(),
        (manifest.end - timedelta(microseconds=1)).astimezone(UTC).date(),
    )
    if span.first is None or span.last is None:
        return {}
    first, last = max(first, span.first.date()), min(last, span.last.date())
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    parts = store.parts("usage")
    if len(parts) > 1:
        return {day: _mark([part.identity for part in parts if part.may_hold(day)]) for day in days}
    # DuckDB joins hashes by XOR: hashed once more, equal values of two rows do not cancel each other.
    sql = (
        "SELECT epoch_us(ts) // 86400000000 AS day, count(*) AS n,"
        " bit_xor(hash(hash(workload, resource, ts, value))) AS mark"
        " FROM usage WHERE ts IS NOT NULL GROUP BY ALL"
    )
    found = store.query(sql, (), deadline)
    marks = {
        day: f"{n}:{mark}"
        for day, n, mark in zip(*(found[name].to_pylist() for name in ("day", "n", "mark")), strict=True)
    }
    return {day: _mark([marks.get((day - date(1970, 1, 1)).days, "")]) for day in days}


def _mark(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _stretches(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Days in a row as one stretch: they are read with one question."""
    begin: date | None = None
    for place, day in enumerate(days):
        begin = begin or day
        if place + 1 == len(days) or days[place + 1] != day + timedelta(days=1):
            yield begin, day
            begin = None


_LISTS = (("buckets_at", "bucket", pa.int16()), ("buckets_at", "count", pa.int32()))
_GAPS = (("gaps_at", "gap_from_s", pa.int32()), ("gaps_at", "gap_to_s", pa.int32()))
_PLAIN = "samples unusable repeated disordered interval_s first_s last_s most most_s second".split()  # one number a row
_HOURS = ("hour_n", "hour_sum", "hour_most")


def as_table(history: History) -> pa.Table:
    """A history as a table: a row per workload, resource and day, its buckets and hours as lists."""
    rows = history.rows
    names = pa.array(history.workloads, pa.string())
    columns: dict[str, Any] = {
        "workload": names.take(pa.array(rows.workload)),
        "resource": pa.array(USAGE_RESOURCES, pa.string()).take(pa.array(rows.resource)),
        "day": pa.array(rows.day, pa.int32()).cast(pa.date32()),
    }
    for name in _PLAIN:
        columns[name] = pa.array(getattr(rows, name))
    for name in _HOURS:
        columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(getattr(rows, name).reshape(-1)), 24)
    for bounds, name, kind in (*_LISTS, *_GAPS):
        at = pa.array(getattr(rows, bounds).astype(np.int32))
        columns[name] = pa.ListArray.from_arrays(at, pa.array(getattr(rows, name), kind))
    return pa.table(columns)


def from_table(table: pa.Table) -> History:
    """The history in such a table.

    Raises:
        KeyError, ValueError, pa.ArrowException: it is none.
    """
    table = table.combine_chunks()
    workloads = tuple(sorted(set(table["workload"].to_pylist())))
    codes = pa.array(workloads, pa.string())
    columns: dict[str, Any] = {
        "workload": _codes(table["workload"], codes).astype(np.int32),
        "resource": _codes(table["resource"], pa.array(USAGE_RESOURCES, pa.string())).astype(np.int8),
        "day": table["day"].cast(pa.int32()).to_numpy(),
        **{name: table[name].to_numpy() for name in _PLAIN},
    }
    for name in _HOURS:
        values = _whole(table[name])
        columns[name] = values.flatten().to_numpy().reshape(-1, 24) if table.num_rows else np.zeros((0, 24))
    for bounds, name, _ in (*_LISTS, *_GAPS):
        values = _whole(table[name])
        if not table.num_rows:
            columns[bounds], columns[name] = np.zeros(1, np.int64), np.zeros(0, np.int32)
            continue
        columns[bounds] = values.offsets.to_numpy().astype(np.int64) - values.offsets[0].as_py()
        columns[name] = values.flatten().to_numpy()
    return History(workloads, Rows(**columns))


def _whole(column: pa.ChunkedArray) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _codes(column: pa.ChunkedArray, values: pa.Array) -> Any:
    from ..arrow import compute as pc  # noqa: PLC0415 - beside the reading of Parquet

    return pc.index_in(column, values).to_numpy()


def nothing() -> History:
    """A history without a row."""
    none, no_value, hours = np.zeros(0, np.int32), np.zeros(0), np.zeros((0, 24))
    columns: Mapping[str, Any] = {
        **dict.fromkeys(("workload", "day", "bucket", "count", "gap_from_s", "gap_to_s"), none),
        "resource": np.zeros(0, np.int8),
        **{name: no_value if name in ("interval_s", "most", "second") else none for name in _PLAIN},
        **dict.fromkeys(_HOURS, hours),
        "buckets_at": np.zeros(1, np.int64),
        "gaps_at": np.zeros(1, np.int64),
    }
    return History((), Rows(**columns))
