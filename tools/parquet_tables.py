"""Read a Parquet file that somebody else wrote: a few bytes of one can stand for any number of rows and any length."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..core.errors import InputError


def rows_of(metadata: Any) -> int:
    """Rows that a reader would make: what each group says, whatever the file says of all of them."""
    return sum(metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))


def refuse_more_rows(path: Path, most: int) -> None:
    """Refuse a file with more rows before anything of them is read.

    Raises:
        InputError: it has more.
        pa.ArrowException, OSError: it is damaged, or no Parquet file.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - 100 ms that only a file needs

    if rows_of(pq.read_metadata(path)) > most:
        raise InputError(f"{path.name} has more than {most} rows", remedy="give a sample of its rows")


def flat_table(content: bytes, *, most_rows: int, most_cells: int) -> pa.Table:
    """The columns of plain values, texts as dictionaries: one text that stands in every row is in memory once.

    Columns of lists and records are left out: one row of them can hold anything.

    Args:
        content: of the file.
        most_rows: more are not read.
        most_cells: rows times columns, likewise.

    Raises:
        InputError: it holds more.
        pa.ArrowException, OSError: it is damaged, or no Parquet file.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    head = pq.ParquetFile(BytesIO(content))
    flat = [field for field in head.schema_arrow if not pa.types.is_nested(field.type)]
    rows = rows_of(head.metadata)
    if rows > most_rows or rows * len(flat) > most_cells:
        raise InputError(f"the file has more than {most_rows} rows, or {most_cells} cells", remedy="give a sample")
    texts = [field.name for field in flat if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    return pq.ParquetFile(BytesIO(content), read_dictionary=texts).read(columns=[field.name for field in flat])
