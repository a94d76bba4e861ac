"""Parquet files of a few kilobytes that stand for more than fits into memory."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.core.errors import InputError
from opswarden.tools.parquet_tables import flat_table, refuse_more_rows
from opswarden.tools.quality.backends.files import read_rows


def packed(table: pa.Table, times: int = 1) -> bytes:
    out = io.BytesIO()
    with pq.ParquetWriter(out, table.schema, compression="zstd") as writer:
        for _ in range(times):
            writer.write_table(table)
    return out.getvalue()


ZEROS = pa.table({"label": np.zeros(1_000_000)})


def test_more_rows_than_are_wanted_are_not_read(tmp_path: Path) -> None:
    content = packed(ZEROS, 60)
    assert len(content) < 500_000
    with pytest.raises(InputError, match="more than 50000000 rows"):
        flat_table(content, most_rows=50_000_000, most_cells=10**9)
    with pytest.raises(InputError, match="cells"):
        flat_table(content, most_rows=10**9, most_cells=50_000_000)
    path = tmp_path / "day.parquet"
    path.write_bytes(content)
    with pytest.raises(InputError, match="more than 50000000 rows"):
        refuse_more_rows(path, 50_000_000)
    before = pa.default_memory_pool().max_memory()
    with pytest.raises(InputError, match="rows"):
        read_rows(path)
    assert pa.default_memory_pool().max_memory() - before < 100_000_000, "refused before anything was read"


def test_one_long_text_in_every_row_is_in_memory_once() -> None:
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, np.int32)), ["x" * 1_000_000])
    table = flat_table(packed(pa.table({"country": texts})), most_rows=10**6, most_cells=10**6)
    assert table.num_rows == 100_000
    assert table.nbytes < 3_000_000


def test_a_row_of_endless_lists_is_left_out() -> None:
    lists = pa.ListArray.from_arrays(pa.array([0, 5_000_000], pa.int32()), pa.array(np.zeros(5_000_000)))
    content = packed(pa.table({"label": [1.0], "all": lists, "record": [{"a": 1}]}))
    assert flat_table(content, most_rows=10, most_cells=10).column_names == ["label"]
