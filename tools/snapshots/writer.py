"""Write a snapshot folder: checked against the schema, streamed in row groups, published in one rename."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from ...core.errors import InputError
from .manifest import MANIFEST_NAME, Manifest
from .schema import REQUIRED_TABLES, TABLES, TableName

_DOCUMENT_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}\.md")


class SnapshotWriter:
    """Writes one snapshot folder; nothing is visible under its name until the block ends without an error.

    Args:
        folder: must not exist yet; its parent must.
        manifest: written as `snapshot.json`.
        unknown: tables of which nothing is known; unless something is written to them they are left out, not empty.

    Raises:
        InputError: the folder exists already.
    """

    def __init__(self, folder: Path, manifest: Manifest, *, unknown: frozenset[TableName] = frozenset()) -> None:
        if folder.exists():
            raise InputError(f"snapshot folder {folder.name!r} exists already", remedy="choose another destination")
        self._folder = folder
        self._draft = folder.with_name(f".{folder.name}.draft")
        self._manifest = manifest
        self._unknown = unknown
        self._writers: dict[TableName, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        if self._draft.exists():
            shutil.rmtree(self._draft)
        self._draft.mkdir(parents=True)
        return self

    def write(self, table: TableName, rows: Mapping[str, Sequence[Any]] | pa.Table) -> None:
        """Append rows to a table, as columns; a missing optional column is filled with nulls.

        Raises:
            pa.ArrowInvalid: a value does not fit the column's type.
            KeyError: an unknown column.
        """
        schema = TABLES[table]
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
        if table not in self._writers:
            self._writers[table] = pq.ParquetWriter(self._draft / f"{table}.parquet", schema, compression="zstd")
        self._writers[table].write_table(pa.table(arrays, schema=schema), row_group_size=262_144)

    def write_runbook(self, name: str, text: str) -> None:
        """Add `runbooks/<name>`; the name is a lower-case file name that ends in `.md`."""
        if not _DOCUMENT_NAME.fullmatch(name):
            raise InputError(f"runbook name {name!r} is not a plain lower-case .md file name")
        folder = self._draft / "runbooks"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    def write_postmortem(self, name: str, text: str) -> None:
        """Add `postmortems/<name>`; the name is a lower-case file name that ends in `.md`."""
        if not _DOCUMENT_NAME.fullmatch(name):
            raise InputError(f"postmortem name {name!r} is not a plain lower-case .md file name")
        folder = self._draft / "postmortems"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    def write_catalogue(self, text: str) -> None:
        """Write `catalogue.yaml`, the service catalogue; docs/first-minute.md has its form."""
        (self._draft / "catalogue.yaml").write_text(text, encoding="utf-8")

    def write_origin(self, text: str) -> None:
        """Write `capture.json`: what a captured snapshot was asked for, and what it lacks."""
        (self._draft / "capture.json").write_text(text, encoding="utf-8")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for writer in self._writers.values():
            writer.close()
        if kind is not None:
            shutil.rmtree(self._draft, ignore_errors=True)
            return
        for table in REQUIRED_TABLES:
            if table not in self._writers and table not in self._unknown:
                pq.write_table(TABLES[table].empty_table(), self._draft / f"{table}.parquet")
        (self._draft / MANIFEST_NAME).write_text(
            self._manifest.model_dump_json(indent=2, exclude_none=True) + "\n", encoding="utf-8"
        )
        self._draft.rename(self._folder)
