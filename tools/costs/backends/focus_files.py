"""The files of a bill: which there are, what their columns are called, and which of two was delivered later."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pyarrow as pa

from ....core.errors import InputError

MOST_FILES = 5_000
_LONGEST_HEADER = 1_000_000
_DELIMITERS = ",;\t|"
_MOST_COLUMNS = 1_000
# A day alone names the period that a file is about; with a time of day it is when the file was made.
_MADE_AT = re.compile(r"(20\d\d)-?([01]\d)-?([0-3]\d)[T_ -]?([0-2]\d)[:-]?([0-5]\d)(?:[:-]?([0-5]\d))?")
_FORMATS: tuple[tuple[str, Literal["csv", "parquet"]], ...] = (
    (".csv", "csv"),
    (".csv.gz", "csv"),
    (".parquet", "parquet"),
    (".parquet.gz", "parquet"),
)


@dataclass(frozen=True)
class BillFile:
    """One file of a bill.

    Args:
        name: below the folder.
        columns: as written.
        delimiter: of a CSV file.
        made: when it was delivered, as its path says, else when it was last changed.
    """

    path: Path
    name: str
    format: Literal["csv", "parquet"]
    columns: tuple[str, ...]
    delimiter: str
    size_bytes: int
    made: datetime

    @property
    def age(self) -> tuple[datetime, str]:
        """Orders files from the first delivered to the last."""
        stem = self.name
        for ending, _ in _FORMATS:
            stem = stem.removesuffix(ending)
        return self.made, stem


def bill_files(path: Path) -> tuple[BillFile, ...]:
    """The files of a bill, the first delivered first.

    Args:
        path: a file, or a folder of parts and periods, nested as deep as exports are.

    Raises:
        InputError: there is none, or one of them has no header that can be read.
    """
    if path.is_symlink() or not path.exists():
        raise InputError("there is no bill at that path", remedy="give a FOCUS file, or a folder of them; no link")
    found = [path] if path.is_file() else sorted(_below(path))
    if not found:
        raise InputError("the folder of the bill holds no FOCUS file", remedy="files end in .csv, .csv.gz or .parquet")
    if len(found) > MOST_FILES:
        raise InputError(f"the bill has more than {MOST_FILES} files", remedy="give the folder of fewer periods")
    root = path.parent if path.is_file() else path
    return tuple(sorted((_opened(each, root) for each in found), key=lambda file: file.age))


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and _format_of(path) and not path.name.startswith((".", "_")):
            yield path


def _format_of(path: Path) -> Literal["csv", "parquet"] | None:
    return next((kind for ending, kind in _FORMATS if path.name.lower().endswith(ending)), None)


def _opened(path: Path, root: Path) -> BillFile:
    kind = _format_of(path)
    name = path.relative_to(root).as_posix()
    if kind is None or path.name.lower().endswith(".parquet.gz"):
        raise InputError("the bill is no CSV and no Parquet file", remedy="files end in .csv, .csv.gz or .parquet")
    state = path.stat()
    columns, delimiter = _csv_header(path) if kind == "csv" else (_parquet_columns(path), "")
    made = _made_at(name) or datetime.fromtimestamp(state.st_mtime, UTC)
    return BillFile(path, name, kind, columns, delimiter, state.st_size, made)


def _made_at(name: str) -> datetime | None:
    found = list(_MADE_AT.finditer(name))
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found[-1].groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _csv_header(path: Path) -> tuple[tuple[str, ...], str]:
    try:
        if path.name.lower().endswith(".gz"):
            with gzip.open(path) as packed:
                raw = packed.readline(_LONGEST_HEADER)
        else:
            with path.open("rb") as plain:
                raw = plain.readline(_LONGEST_HEADER)
        text = raw.decode("utf-8-sig").strip("\r\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(
            "the header of a CSV file of the bill cannot be read", remedy="bills are UTF-8, plain or gzip"
        ) from error
    delimiter = max(_DELIMITERS, key=text.count)
    try:
        columns = next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        columns = []
    if not columns or len(columns) > _MOST_COLUMNS:
        raise InputError("a CSV file of the bill has no header", remedy="its first line names the FOCUS columns")
    return tuple(columns), delimiter


def _parquet_columns(path: Path) -> tuple[str, ...]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - 100 ms that only an open bill needs

    try:
        return tuple(pq.read_schema(path).names)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(
            "a Parquet file of the bill is damaged or none", remedy="export it again; a cut-off file cannot be read"
        ) from error
