"""Scored rows in Parquet or CSV files: one set of files is the reference, another holds what came since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError, InputError, ToolRetry
from ...arrow import compute as pc
from ...parquet_tables import refuse_more_rows
from ...windows import to_us
from ..rows import Floats, ScoredRows
from .types import MOST_ROWS

_MOST_BYTES = 4_000_000_000
_MOST_FILES = 1_000
_MOST_FILE_ROWS = 100_000_000
_MOST_FEATURES = 500


@dataclass(frozen=True)
class ScoredFiles:
    """Where the rows of a model are, and what their columns mean.

    Args:
        reference: files, or folders of them.
        window: the same of what came since.
        score: the column with the probability of the positive class.
        label: the column with the truth, 0 or 1 or null, in the rows themselves or in `labels`.
        labels: files with truths that came later, found by `key`.
        key: the column that names a row, in the rows and in `labels`.
        time: the column with the moment of a row.
        segments: columns by which results are told apart.
        ignored: columns that are no features.
    """

    reference: tuple[Path, ...]
    window: tuple[Path, ...]
    score: str
    label: str | None = None
    labels: tuple[Path, ...] = ()
    key: str | None = None
    time: str | None = None
    segments: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


class FileRows:
    """Reads the files of some models; implements `ScoredRowsBackend`.

    Args:
        files: by model.
        environment: whose models.
    """

    def __init__(self, files: dict[str, ScoredFiles], environment: str) -> None:
        self._files = files
        self._environment = environment

    @property
    def environment(self) -> str:
        """The environment that the files are of."""
        return self._environment

    def models(self) -> tuple[str, ...]:
        """The models of which rows are kept."""
        return tuple(sorted(self._files))

    def reference(self, model: str, deadline: Deadline) -> ScoredRows:
        """The period that the model is measured by."""
        files = self._of(model)
        found = _rows(files, files.reference, None, None, deadline)
        if found is None:
            raise BackendError("the reference of the model holds no row", remedy="name other files in `reference`")
        return found

    def window(self, model: str, start: datetime | None, end: datetime | None, deadline: Deadline) -> ScoredRows | None:
        """The rows of `[start, end)`."""
        files = self._of(model)
        if files.time is None and (start is not None or end is not None):
            raise ToolRetry("nobody knows when these rows were scored", remedy="leave `start` and `end` out")
        return _rows(files, files.window, start, end, deadline)

    def _of(self, model: str) -> ScoredFiles:
        found = self._files.get(model)
        if found is None:
            raise ToolRetry("no rows are kept of a model of this name", remedy=f"models: {', '.join(self.models())}")
        return found


def _rows(
    files: ScoredFiles, paths: Sequence[Path], start: datetime | None, end: datetime | None, deadline: Deadline
) -> ScoredRows | None:
    table = _read(paths, deadline)
    missing = [name for name in (files.score, files.time, *files.segments) if name and name not in table.column_names]
    if missing:
        raise InputError(f"the rows have no column {missing[0]!r}", remedy="correct the names of the columns")
    if files.time is not None:
        table = _between(table, files.time, start, end)
    if not table.num_rows:
        return None
    step = -(-table.num_rows // MOST_ROWS)
    if step > 1:
        table = table.take(pa.array(np.arange(0, table.num_rows, step)))
    own = {files.score, files.label, files.key, files.time, *files.ignored}
    names = [name for name in table.column_names if name not in own and _is_plain(table.schema.field(name).type)]
    if len(names) > _MOST_FEATURES:
        raise InputError(f"the rows have more than {_MOST_FEATURES} features", remedy="name what is none in `ignored`")
    return ScoredRows(
        {name: table[name] for name in names},
        _scores(table, files.score),
        _labels(files, table, deadline),
        {name: pc.cast(table[name], pa.string()) for name in files.segments},
        _times(table, files.time) if files.time is not None else None,
    )


def _read(paths: Sequence[Path], deadline: Deadline) -> pa.Table:
    import pyarrow.csv as csv  # noqa: PLC0415 - only where files are read
    import pyarrow.parquet as pq  # noqa: PLC0415 - the same

    found: list[pa.Table] = []
    for path in _listed(paths):
        if deadline.passed:
            raise BackendError("the scored rows were not read in time", remedy="give fewer files")
        try:
            if path.suffix != ".csv":
                refuse_more_rows(path, _MOST_FILE_ROWS)
            found.append(csv.read_csv(path) if path.suffix == ".csv" else pq.read_table(path))
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(f"{path.name} cannot be read", remedy="give Parquet, or CSV with a header") from error
    try:
        return pa.concat_tables(found, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise InputError("files of one period have different columns", remedy="give files of one schema") from error


def _listed(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted([*path.glob("*.parquet"), *path.glob("*.csv")]) if path.is_dir() else [path]
        found.extend(one for one in inside if one.is_file() and not one.is_symlink())
    if not found:
        raise InputError("there is no file of scored rows", remedy="name Parquet or CSV files that exist")
    if len(found) > _MOST_FILES or sum(one.stat().st_size for one in found) > _MOST_BYTES:
        raise InputError(
            f"more than {_MOST_FILES} files or {_MOST_BYTES // 1_000_000_000} GB", remedy="give a sample of the rows"
        )
    return found


def _between(table: pa.Table, time: str, start: datetime | None, end: datetime | None) -> pa.Table:
    if start is None and end is None:
        return table
    moments = _times(table, time)
    chosen = np.ones(len(moments), bool)
    if start is not None:
        chosen &= moments >= to_us(start)
    if end is not None:
        chosen &= moments < to_us(end)
    return table.filter(pa.array(chosen))


def _times(table: pa.Table, time: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    column = table[time]
    try:
        if pa.types.is_string(column.type):
            column = pc.cast(column, pa.timestamp("us"))
        if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
            raise InputError(f"column {time!r} holds no times", remedy="times are timestamps, or ISO 8601 text")
        return np.asarray(pc.cast(pc.cast(column, pa.timestamp("us", "UTC")), pa.int64()).to_numpy(), np.int64)
    except pa.ArrowInvalid as error:
        raise InputError(f"column {time!r} holds no times", remedy="times are timestamps, or ISO 8601 text") from error


def _scores(table: pa.Table, name: str) -> Floats:
    scores = _numbers(table[name], name)
    if not np.isfinite(scores).all() or scores.min() < 0 or scores.max() > 1:
        raise InputError(f"column {name!r} holds values that are no probability", remedy="scores lie between 0 and 1")
    return scores


def _labels(files: ScoredFiles, table: pa.Table, deadline: Deadline) -> Floats | None:
    if files.label is None:
        return None
    if files.label in table.column_names:
        column = table[files.label]
    elif files.labels and files.key is not None and files.key in table.column_names:
        later = _read(files.labels, deadline)
        if files.key not in later.column_names or files.label not in later.column_names:
            raise InputError("the later labels lack the key or the label", remedy="correct `key` and `label`")
        places = pc.index_in(table[files.key], later[files.key].combine_chunks())
        column = later[files.label].take(places)
    else:
        return None
    labels = _numbers(column, files.label)
    if not np.isin(labels[np.isfinite(labels)], (0.0, 1.0)).all():
        raise InputError(f"column {files.label!r} holds more than two classes", remedy="labels are 0, 1 or null")
    return labels


def _numbers(column: pa.ChunkedArray, name: str) -> Floats:
    try:
        return np.asarray(pc.fill_null(pc.cast(column, pa.float64()), float("nan")).to_numpy(), np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f"column {name!r} holds no numbers", remedy="name the right column") from error


def _is_plain(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return bool(pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type))
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
    )
