"""Rows of a view as they were served and as models are trained on them, in Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError, InputError
from ..skew import AT, REQUEST
from .parquet_source import ParquetSource
from .settings import LogSettings
from .store import CREATED, EVENT, MOST_ROWS, Share, View

_FOREVER_US = 2**62


def served_rows(files: LogSettings, view: View, share: Share, deadline: Deadline) -> pa.Table:
    """Logged rows of a sample of keys: `key`, `at_us`, `request` where the log has it, and features.

    Raises:
        BackendError: they were not read in time, or are too many.
        InputError: the files have other columns.
    """
    rows = _rows(files.served, files, view, share, deadline)
    return rows.rename_columns([AT if name == EVENT else name for name in rows.column_names])


def training_rows(files: LogSettings, view: View, share: Share, deadline: Deadline) -> pa.Table:
    """Training rows of the same keys.

    Raises:
        BackendError, InputError: as `served_rows`.
    """
    return _rows(files.training, files, view, share, deadline)


def _rows(paths: Sequence[Path], files: LogSettings, view: View, share: Share, deadline: Deadline) -> pa.Table:
    source = ParquetSource(paths, view.keys, files.time, None)
    kinds = source.kinds()
    if files.request is not None and files.request not in kinds:
        raise InputError(f"the logged rows have no column {files.request!r}", remedy="correct `request`")
    names = [name for name in view.features if name in kinds]
    wanted = [*names, *([files.request] if files.request is not None and files.request not in names else [])]
    rows = source.newest(share, wanted, _FOREVER_US, deadline)
    if rows.num_rows > MOST_ROWS:
        raise BackendError(f"the log has more than {MOST_ROWS} rows", remedy="ask for a smaller sample")
    if files.request is not None:
        ids = rows[files.request].cast(pa.string())
        rows = rows.append_column(REQUEST, ids) if files.request != REQUEST else rows
    return rows.drop_columns([CREATED])
