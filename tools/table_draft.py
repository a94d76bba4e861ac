"""Write a folder of Parquet tables: checked against their schemas, streamed in row groups, published in one rename."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..core.errors import InputError

_ROWS_PER_GROUP = 262_144


class TableDraft:
    """A folder that nobody sees under its name until it is published.

    Args:
        folder: must not exist yet; its parent must.
        noun: what such a folder is called, for messages.

    Raises:
        InputError: the folder exists already.
    """

    def __init__(self, folder: Path, noun: str) -> None:
        if folder.exists() or folder.is_symlink():
            raise InputError(f"{noun} folder {folder.name!r} exists already", remedy="choose another destination")
        self._folder = folder
        self.path = folder.with_name(f".{folder.name}.draft")
        self._writers: dict[str, pq.ParquetWriter] = {}

    def begin(self) -> None:
        """Make the draft, without what an earlier attempt left."""
        if self.path.exists():
            shutil.rmtree(self.path)
        self.path.mkdir(parents=True)

    @property
    def written(self) -> frozenset[str]:
        """Names of the files that rows were written to, without `.parquet`."""
        return frozenset(self._writers)

    def write(self, name: str, schema: pa.Schema, rows: Mapping[str, Sequence[Any]] | pa.Table, table: str) -> None:
        """Append rows to a file, as columns; a missing column is filled with nulls.

        Args:
            name: of the file, without `.parquet`; a part of a table stands in a folder of that name.
            schema: the columns of the table.
            rows: the columns that are known.
            table: what the table is called, for messages.

        Raises:
            pa.ArrowInvalid: a value does not fit the column's type.
            KeyError: an unknown column.
        """
        arranged = arranged_rows(schema, rows, table)
        if name not in self._writers:
            path = self.path / f"{name}.parquet"
            path.parent.mkdir(exist_ok=True)
            self._writers[name] = pq.ParquetWriter(path, schema, compression="zstd")
        self._writers[name].write_table(arranged, row_group_size=_ROWS_PER_GROUP)

    def write_empty(self, name: str, schema: pa.Schema) -> None:
        """A file without rows."""
        pq.write_table(schema.empty_table(), self.path / f"{name}.parquet")

    def close(self) -> None:
        """Finish the files."""
        for writer in self._writers.values():
            writer.close()

    def discard(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.path, ignore_errors=True)

    def publish(self) -> None:
        """Give the folder its name."""
        self.path.rename(self._folder)


def arranged_rows(schema: pa.Schema, rows: Mapping[str, Sequence[Any]] | pa.Table, table: str) -> pa.Table:
    """Rows with exactly the columns and types of a schema; a missing column is filled with nulls.

    Raises:
        pa.ArrowInvalid: a value does not fit the column's type.
        KeyError: an unknown column.
    """
    columns: dict[str, Any]
    columns = dict(rows) if isinstance(rows, Mapping) else {name: rows[name] for name in rows.column_names}
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"table {table!r} has no column {sorted(unknown)[0]!r}")
    length = len(next(iter(columns.values()))) if columns else 0
    arrays = []
    for field in schema:
        column = columns.get(field.name)
        if column is None:
            arrays.append(pa.nulls(length, field.type))
        elif isinstance(column, (pa.Array, pa.ChunkedArray)):
            arrays.append(column.cast(field.type))
        else:
            arrays.append(pa.array(column, type=field.type))
    return pa.table(arrays, schema=schema)
