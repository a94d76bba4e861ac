"""A folder of Parquet tables with a manifest, read through DuckDB: checked when it is opened, parameters only.

Everything in it is input from outside: a folder that is none, a link, a missing column, a wrong type, a truncated file
or an unusable manifest ends in an `InputError` that names it. Snapshots and fleets are such folders.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
from pydantic import BaseModel, ValidationError

from ..core.clock import Deadline
from ..core.errors import BackendError, InputError
from .in_memory import in_memory
from .interrupting import interrupting

if TYPE_CHECKING:
    import duckdb

_MANIFEST_LIMIT_BYTES = 1_000_000

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Span:
    """First and last moment of a table, and its number of rows."""

    rows: int
    first: datetime | None
    last: datetime | None


class TableFolder:
    """The tables of one folder as views of DuckDB, which can read this folder and nothing else.

    Safe to use from several threads.

    Args:
        folder: where the files are.
        noun: what such a folder is called, for messages.
        memory_limit_mb: what DuckDB may hold; it spills to a private folder beyond.
        threads: how many cores a query may use.
    """

    def __init__(self, folder: Path, noun: str, *, memory_limit_mb: int, threads: int) -> None:
        self.folder = folder.resolve()
        self._noun = noun
        self._local = threading.local()
        self._lock = threading.Lock()
        self._duckdb = _connect(self.folder, memory_limit_mb, threads)
        self._closer = weakref.finalize(self, self._duckdb.close)

    def add(
        self,
        name: str,
        paths: Sequence[Path],
        schema: pa.Schema,
        *,
        optional: frozenset[str] = frozenset(),
        time_column: str | None = None,
        extra: tuple[str, ...] = (),
    ) -> Span:
        """Check the files of a table and put a view of its name over them, with exactly our columns and types.

        Args:
            name: of the view; never from outside.
            paths: one file, or parts of one table that have the same columns.
            schema: what the table must have.
            optional: columns that files may lack; they are read as null.
            time_column: whose range is told.
            extra: further columns of DuckDB's Parquet reader.

        Raises:
            InputError: names the file and what is wrong with it.
        """
        first: pa.Schema | None = None
        for path in paths:
            refuse_link(path, self._noun)
            found = _checked_schema(path, schema, optional)
            if first is not None and not found.remove_metadata().equals(first.remove_metadata()):
                raise InputError(
                    f"{_shown(path, paths)}: its columns are not those of {paths[0].name}",
                    remedy="all parts of a table have the same columns and types",
                )
            first = first or found
        try:
            self._duckdb.execute(_view_of(name, paths, schema, first, optional, extra))
            return self._span_of(name, time_column)
        except _duckdb_error() as error:
            raise InputError(
                f"{name}.parquet is damaged: its rows cannot be read", remedy=f"write the {self._noun} again"
            ) from error

    def add_empty(self, name: str, schema: pa.Schema) -> None:
        """A view without rows, for a table that is not there."""
        columns = ", ".join(f'CAST(NULL AS {_sql_type(field.type)}) AS "{field.name}"' for field in schema)
        self._duckdb.execute(f"CREATE VIEW {name} AS SELECT {columns} WHERE false")

    def _span_of(self, name: str, column: str | None) -> Span:
        times = f"epoch_us(min({column})), epoch_us(max({column}))" if column else "NULL, NULL"
        rows, first, last = self._duckdb.execute(f"SELECT count(*), {times} FROM {name}").fetchall()[0]  # noqa: S608 - both names come from our schema
        return Span(rows=int(rows), first=_moment(name, first), last=_moment(name, last))

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), deadline: Deadline | None = None
    ) -> pa.Table:
        """Run a query of ours and return all its rows; values only ever travel as parameters.

        Bytes that are no UTF-8 come back as `?`, one for each.

        Raises:
            BackendError: DuckDB could not run it (memory, a damaged row group), or not before the deadline.
        """
        with self.asking(deadline) as cursor:
            return cursor.sql(sql, params=parameters).to_arrow_table()

    def batches(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), deadline: Deadline | None = None
    ) -> Iterator[pa.RecordBatch]:
        """`query` whose rows come in parts, so that they never lie in memory all at once."""
        with self.asking(deadline) as cursor:
            yield from cursor.sql(sql, params=parameters).to_arrow_reader()

    @contextmanager
    def asking(self, deadline: Deadline | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """The cursor of this thread, which is interrupted when the time is up.

        Raises:
            BackendError: as `query`.
        """
        import duckdb  # noqa: PLC0415 - as in _connect

        cursor = self._cursor()
        try:
            with interrupting(cursor, self._noun, deadline):
                yield cursor
        except duckdb.InterruptException as error:
            raise BackendError(
                f"{self._noun} {self.folder.name!r} did not answer before the deadline",
                remedy="ask for a shorter window or fewer entities",
            ) from error
        except duckdb.Error as error:
            raise BackendError(
                f"{self._noun} {self.folder.name!r} could not answer a query ({type(error).__name__})",
                remedy="a Parquet file may be damaged, or the memory limit too small: see `opswarden doctor`",
            ) from error

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            with self._lock:
                cursor = self._duckdb.cursor()
            self._local.cursor = cursor
        return cursor

    def close(self) -> None:
        """Let go of the files and of what was spilled."""
        self._closer()


def refuse_link(path: Path, noun: str) -> None:
    """Raise an `InputError` if this is a link, which could lead anywhere."""
    if path.is_symlink():
        raise InputError(
            f"{path.name} is a link", remedy=f"a {noun} holds its own files; copy the file into the folder"
        )


def read_manifest_of(folder: Path, name: str, model: type[M], *, noun: str, made_by: str, page: str) -> M:
    """The manifest of a folder.

    Args:
        folder: perhaps no folder at all.
        name: of the manifest's file.
        model: of its content.
        noun: what such a folder is called.
        made_by: the commands that make one.
        page: of the documentation.

    Raises:
        InputError: there is none, or it cannot be used.
    """
    path = folder / name
    if not folder.is_dir() or not path.is_file():
        raise InputError(f"{folder} is no {noun}: it has no {name}", remedy=f"give a folder made by {made_by}")
    if path.stat().st_size > _MANIFEST_LIMIT_BYTES:
        raise InputError(f"{name} is larger than {_MANIFEST_LIMIT_BYTES} bytes", remedy="only metadata")
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise InputError(
            f"{name} cannot be used: {place}: {first['msg']}", remedy=f"see {page} for the contract"
        ) from error


def _checked_schema(path: Path, wanted: pa.Schema, optional: frozenset[str]) -> pa.Schema:
    import pyarrow.parquet as pq  # noqa: PLC0415 - 100 ms that only an open folder needs

    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(
            f"{path.name} is damaged or no Parquet file", remedy="write it again; a cut-off file cannot be read"
        ) from error
    for field in wanted:
        place = schema.get_field_index(field.name)
        if place < 0 and field.name in optional:
            continue
        if place < 0:
            raise InputError(f"{path.name} has no column {field.name!r}", remedy=f"its type is {field.type}")
        actual = schema.field(place).type
        if not _fits(actual, field.type) and not (field.name in optional and pa.types.is_null(actual)):
            raise InputError(
                f"{path.name}: column {field.name!r} is {actual}, not {field.type}",
                remedy="times are UTC microseconds; labels and attributes are maps of text to text",
            )
    return schema


def _shown(path: Path, paths: Sequence[Path]) -> str:
    return path.name if len(paths) == 1 else f"{path.parent.name}/{path.name}"


def _moment(table: str, since_epoch_us: int | None) -> datetime | None:
    if since_epoch_us is None:
        return None
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=since_epoch_us)
    except OverflowError as error:
        raise InputError(
            f"{table}.parquet holds a time outside the years 1 to 9999", remedy="times are UTC microseconds"
        ) from error


def _view_of(
    name: str,
    paths: Sequence[Path],
    schema: pa.Schema,
    actual: pa.Schema | None,
    optional: frozenset[str],
    extra: tuple[str, ...],
) -> str:
    """A view over fixed, checked paths with exactly our columns and types; no name in it comes from outside."""
    columns = []
    for field in schema:
        place = actual.get_field_index(field.name) if actual is not None else -1
        kind = actual.field(place).type if actual is not None and place >= 0 else None
        if kind is None or (field.name in optional and pa.types.is_null(kind)):
            columns.append(f'CAST(NULL AS {_sql_type(field.type)}) AS "{field.name}"')
            continue
        plain = pa.types.is_map(field.type) or kind == field.type
        columns.append(
            f'"{field.name}"' if plain else f'CAST("{field.name}" AS {_sql_type(field.type)}) AS "{field.name}"'
        )
    columns += extra
    literals = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    options = "utf8_validation = 'replace', file_row_number = true"
    return f"CREATE VIEW {name} AS SELECT {', '.join(columns)} FROM read_parquet([{literals}], {options})"  # noqa: S608 - ours


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP WITH TIME ZONE"
    if pa.types.is_map(kind):
        return "MAP(VARCHAR, VARCHAR)"
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    return {pa.float64(): "DOUBLE", pa.int64(): "BIGINT", pa.date32(): "DATE", pa.bool_(): "BOOLEAN"}.get(
        kind, "VARCHAR"
    )


def _connect(folder: Path, memory_limit_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    connection = in_memory(threads, memory_limit=f"{memory_limit_mb}MB")
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    # Whatever a query says, it can read this folder and nothing else.
    connection.execute("SET allowed_directories = [$folder]", {"folder": f"{folder}/"})
    connection.execute("SET enable_external_access = false")
    return connection


def _duckdb_error() -> type[Exception]:
    import duckdb  # noqa: PLC0415 - as above

    return duckdb.Error


def _fits(actual: pa.DataType, wanted: pa.DataType) -> bool:
    if pa.types.is_timestamp(wanted):
        # Any unit is fine, a missing or another time zone is not: it would shift everything silently.
        return pa.types.is_timestamp(actual) and actual.tz in ("UTC", "Etc/UTC", "+00:00", "Z")
    if pa.types.is_floating(wanted):
        return bool(pa.types.is_floating(actual) or pa.types.is_integer(actual))
    if pa.types.is_integer(wanted):
        return bool(pa.types.is_integer(actual))
    if pa.types.is_date(wanted) or pa.types.is_boolean(wanted):
        return bool(actual == wanted)
    if pa.types.is_map(wanted):
        return bool(pa.types.is_map(actual)) and _is_text(actual.key_type) and _is_text(actual.item_type)
    if pa.types.is_list(wanted):
        return bool(pa.types.is_list(actual) or pa.types.is_large_list(actual)) and _fits(
            actual.value_type, wanted.value_type
        )
    return _is_text(actual) or bool(pa.types.is_null(actual))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
