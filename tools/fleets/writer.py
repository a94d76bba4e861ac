"""Write a fleet folder: checked against the schema, streamed in row groups, published in one rename."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from ...core.errors import InputError
from ..table_draft import TableDraft
from .manifest import FLEET_MANIFEST, FleetManifest
from .schema import BILL_FOLDER, FLEET_TABLES, REQUIRED_FLEET_TABLES, FleetTable

_BILL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.(csv|csv\.gz|parquet)")
_PART_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class FleetWriter:
    """Writes one fleet folder; nothing is visible under its name until the block ends without an error.

    Args:
        folder: must not exist yet; its parent must.
        manifest: written as `fleet.json`.

    Raises:
        InputError: the folder exists already.
    """

    def __init__(self, folder: Path, manifest: FleetManifest) -> None:
        self._tables = TableDraft(folder, "fleet")
        self._manifest = manifest

    def __enter__(self) -> Self:
        self._tables.begin()
        return self

    def write(
        self, table: FleetTable, rows: Mapping[str, Sequence[Any]] | pa.Table, *, part: str | None = None
    ) -> None:
        """Append rows to a table, as columns; a missing column is filled with nulls.

        Args:
            table: which.
            rows: its columns.
            part: the name of a part, if the table is to be a folder of parts; all of its parts need one.

        Raises:
            pa.ArrowInvalid: a value does not fit the column's type.
            KeyError: an unknown column.
        """
        if part is not None and not _PART_NAME.fullmatch(part):
            raise InputError(f"part name {part!r} is not plain", remedy="letters, digits, - and _")
        name = table if part is None else f"{table}/{part}"
        self._tables.write(name, FLEET_TABLES[table], rows, table)

    def write_bill(self, name: str, content: bytes | Path) -> None:
        """Add a file of the bill, `bill/<name>`: its bytes, or the file to copy."""
        if not _BILL_NAME.fullmatch(name):
            raise InputError(f"bill file {name!r} is not a plain .csv, .csv.gz or .parquet name")
        folder = self._tables.path / BILL_FOLDER
        folder.mkdir(exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, folder / name)
        else:
            (folder / name).write_bytes(content)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._tables.close()
        if kind is not None:
            self._tables.discard()
            return
        tables = {name.partition("/")[0] for name in self._tables.written}
        for table in REQUIRED_FLEET_TABLES:
            if table not in tables:
                self._tables.write_empty(table, FLEET_TABLES[table])
        text = self._manifest.model_dump_json(indent=2, exclude_none=True) + "\n"
        (self._tables.path / FLEET_MANIFEST).write_text(text, encoding="utf-8")
        self._tables.publish()
