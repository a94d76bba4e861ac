"""Write a snapshot folder: checked against the schema, streamed in row groups, published in one rename."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from ...core.errors import InputError
from ..table_draft import TableDraft
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
        self._tables = TableDraft(folder, "snapshot")
        self._draft = self._tables.path
        self._manifest = manifest
        self._unknown = unknown

    def __enter__(self) -> Self:
        self._tables.begin()
        return self

    def write(self, table: TableName, rows: Mapping[str, Sequence[Any]] | pa.Table) -> None:
        """Append rows to a table, as columns; a missing optional column is filled with nulls.

        Raises:
            pa.ArrowInvalid: a value does not fit the column's type.
            KeyError: an unknown column.
        """
        self._tables.write(table, TABLES[table], rows, table)

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
        self._tables.close()
        if kind is not None:
            self._tables.discard()
            return
        for table in REQUIRED_TABLES:
            if table not in self._tables.written and table not in self._unknown:
                self._tables.write_empty(table, TABLES[table])
        (self._draft / MANIFEST_NAME).write_text(
            self._manifest.model_dump_json(indent=2, exclude_none=True) + "\n", encoding="utf-8"
        )
        self._tables.publish()
