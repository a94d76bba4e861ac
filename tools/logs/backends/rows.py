"""Lines that a live system hands over, as Arrow columns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pyarrow as pa

from ...arrow import compute as pc
from .types import LINE_COLUMNS

BODY_LIMIT = 32_768
_NAME_LIMIT = 1_024
_KEPT_TABLES = 4


class Row(NamedTuple):
    """One line, in the order of `LINE_COLUMNS`."""

    id: str
    ts_us: int
    entity: str
    level: str | None
    body: str
    attributes: Sequence[tuple[str, str]]
    trace_id: str | None
    span_id: str | None


def table_of(rows: Sequence[Row]) -> pa.Table:
    """`LINE_COLUMNS`; halves of characters, which JSON can hold and nothing else, become `?`."""
    if not rows:
        return LINE_COLUMNS.empty_table()
    try:
        return _table(rows)
    except UnicodeEncodeError:
        return _table([_cleaned(row) for row in rows])


def fingerprint(*parts: str) -> str:
    """Tells lines of one moment apart: sixteen hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        content = part.encode("utf-8", "replace")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


class AtHand:
    """Lines that were handed out as examples a moment ago and will be asked for again."""

    def __init__(self) -> None:
        self._tables: list[pa.Table] = []

    def keep(self, rows: pa.Table) -> None:
        """Keep lines until newer ones have come a few times."""
        if rows.num_rows:
            self._tables = [*self._tables[1 - _KEPT_TABLES :], rows]

    def find(self, ids: Iterable[str]) -> tuple[pa.Table, list[str]]:
        """Those that are here, each once, and the ids of the others."""
        wanted = list(dict.fromkeys(ids))
        found: list[pa.Table] = []
        for table in reversed(self._tables):
            place = pc.index_in(pa.array(wanted, pa.string()), table["id"].combine_chunks())
            found.append(table.take(place.drop_null()))
            wanted = [name for name, at in zip(wanted, place.to_pylist(), strict=True) if at is None]
        return pa.concat_tables(found) if found else LINE_COLUMNS.empty_table(), wanted


def in_order(rows: pa.Table) -> pa.Table:
    """Sorted by time, then by id."""
    return rows.sort_by([("ts_us", "ascending"), ("id", "ascending")])


def _table(rows: Sequence[Row]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, LINE_COLUMNS, strict=True)],
        schema=LINE_COLUMNS,
    )


def _cleaned(row: Row) -> Row:
    def clean(text: str | None) -> str | None:
        return None if text is None else text.encode("utf-8", "replace").decode()

    return Row(
        clean(row.id) or "",
        row.ts_us,
        clean(row.entity) or "",
        clean(row.level),
        clean(row.body) or "",
        [(clean(name) or "", clean(value) or "") for name, value in row.attributes],
        clean(row.trace_id),
        clean(row.span_id),
    )
