"""Read a snapshot folder through DuckDB: checked when it is opened, queried with parameters only.

Everything in a snapshot is input from outside: a folder that is none, a missing column, a wrong type, a truncated file
or an unusable manifest ends in an `InputError` that names it.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pydantic import ValidationError

from ...core.clock import Deadline
from ...core.errors import BackendError, InputError
from ..in_memory import in_memory
from ..plain_files import read_plain_text
from .manifest import MANIFEST_NAME, Manifest, Window
from .schema import OPTIONAL_COLUMNS, REQUIRED_TABLES, TABLES, TIME_COLUMN, TableName

if TYPE_CHECKING:
    import duckdb

_MANIFEST_LIMIT_BYTES = 1_000_000
_RUNBOOK_LIMIT_BYTES = 256_000
_RUNBOOK_LIMIT_COUNT = 2_000
_SHOWN_WARNINGS = 20
_STEADY_TABLES: frozenset[TableName] = frozenset(("metrics", "logs", "spans"))
"""Tables that a running platform never stops to fill."""


@dataclass(frozen=True)
class Span:
    """First and last moment of a table, and its number of rows."""

    rows: int
    first: datetime | None
    last: datetime | None


class SnapshotStore:
    """One snapshot, open for reading. Safe to use from several threads.

    Args:
        folder: the snapshot folder.
        memory_limit_mb: what DuckDB may hold; it spills to a private folder beyond.
        threads: how many cores a query may use.
        elsewhere: tables whose content lives in systems that are asked instead; they are not missing here.

    Raises:
        InputError: it is no snapshot, or a part of it cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        memory_limit_mb: int = 600,
        threads: int = 2,
        elsewhere: frozenset[TableName] = frozenset(),
    ) -> None:
        self._elsewhere = elsewhere
        self.asked = tuple(sorted(elsewhere))
        self.manifest = read_manifest(folder)
        self.folder = folder.resolve()
        self.missing: tuple[str, ...] = ()
        self.warnings: tuple[str, ...] = ()
        self._local = threading.local()
        self._lock = threading.Lock()
        spill = tempfile.mkdtemp(prefix="opswarden-")
        self._duckdb = _connect(self.folder, spill, memory_limit_mb, threads)
        self._closer = weakref.finalize(self, _discard, self._duckdb, spill)
        self._spans: dict[TableName, Span] = {}
        try:
            self._open_tables()
        except InputError:
            self.close()
            raise

    @property
    def is_live(self) -> bool:
        """Whether systems are asked for some of the tables, so that this is an incident and no recording."""
        return bool(self._elsewhere)

    def _open_tables(self) -> None:
        missing: list[str] = []
        warnings: list[str] = []
        for name in TABLES:
            path = self.folder / f"{name}.parquet"
            if path.is_symlink():
                raise InputError(
                    f"{path.name} is a link", remedy="a snapshot holds its own files; copy the file into the folder"
                )
            if not path.is_file():
                if name in REQUIRED_TABLES and name not in self._elsewhere:
                    missing.append(name)
                continue
            self._spans[name] = self._check_table(name, path, warnings)
        if set(missing) >= _STEADY_TABLES and "objects" not in self._spans and not self._elsewhere:
            raise InputError(
                f"snapshot {self.folder.name!r} holds no metrics, no logs and no spans",
                remedy="a snapshot needs one of metrics.parquet, logs.parquet, spans.parquet, objects.parquet",
            )
        self.missing = tuple(missing)
        self.warnings = tuple(warnings[:_SHOWN_WARNINGS])

    def _check_table(self, name: TableName, path: Path, warnings: list[str]) -> Span:
        import pyarrow.parquet as pq  # noqa: PLC0415 - 100 ms that only an open snapshot needs

        try:
            schema = pq.read_schema(path)
        except (OSError, pa.ArrowInvalid) as error:
            raise InputError(
                f"{path.name} is damaged or no Parquet file", remedy="write it again; a cut-off file cannot be read"
            ) from error
        for field in TABLES[name]:
            place = schema.get_field_index(field.name)
            if place < 0 and (name, field.name) in OPTIONAL_COLUMNS:
                continue
            if place < 0:
                raise InputError(f"{path.name} has no column {field.name!r}", remedy=f"its type is {field.type}")
            actual = schema.field(place).type
            if not _fits(actual, field.type):
                raise InputError(
                    f"{path.name}: column {field.name!r} is {actual}, not {field.type}",
                    remedy="times are UTC microseconds; labels and attributes are maps of text to text",
                )
        try:
            self._duckdb.execute(_view_of(name, path, schema))
            span = self._span_of(name)
        except _duckdb_error() as error:
            raise InputError(
                f"{path.name} is damaged: its rows cannot be read", remedy="write the snapshot again"
            ) from error
        window = self.manifest.window
        # A platform on which nothing was changed and nothing fired is a quiet one, not an incomplete snapshot.
        if (
            name in _STEADY_TABLES
            and span.rows
            and span.first
            and span.last
            and (span.last < window.start or span.first >= window.end)
        ):
            warnings.append(f"{name}: no row lies in the incident window")
        return span

    def _span_of(self, name: TableName) -> Span:
        column = TIME_COLUMN.get(name)
        times = f"epoch_us(min({column})), epoch_us(max({column}))" if column else "NULL, NULL"
        rows, first, last = self._duckdb.execute(f"SELECT count(*), {times} FROM {name}").fetchall()[0]  # noqa: S608 - both names come from our schema
        return Span(rows=int(rows), first=_moment(name, first), last=_moment(name, last))

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self.manifest.environment

    def has(self, table: TableName) -> bool:
        """Whether the table is there and holds a row."""
        span = self._spans.get(table)
        return span is not None and span.rows > 0

    def span(self, table: TableName) -> Span:
        """Rows and time range of a table; zero rows if it is missing."""
        return self._spans.get(table, Span(0, None, None))

    def baseline(self) -> Window | None:
        """The quiet time to compare with: declared, or all data before the incident window; `None` if there is none."""
        if self.manifest.baseline is not None:
            return self.manifest.baseline
        firsts = [span.first for span in self._spans.values() if span.first is not None]
        if not firsts or min(firsts) >= self.manifest.window.start - timedelta(seconds=1):
            return None
        return Window(start=min(firsts), end=self.manifest.window.start)

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), deadline: Deadline | None = None
    ) -> pa.Table:
        """Run a query of ours and return all its rows; values only ever travel as parameters.

        Bytes that are no UTF-8 come back as `?`, one for each.

        Raises:
            BackendError: DuckDB could not run it (memory, a damaged row group), or not before the deadline.
        """
        import duckdb  # noqa: PLC0415 - as in _connect

        cursor = self._cursor()
        try:
            with _interrupting(cursor, deadline):
                return cursor.sql(sql, params=parameters).to_arrow_table()
        except duckdb.InterruptException as error:
            raise BackendError(
                f"snapshot {self.folder.name!r} did not answer before the deadline",
                remedy="ask for a shorter window or fewer entities",
            ) from error
        except duckdb.Error as error:
            raise BackendError(
                f"snapshot {self.folder.name!r} could not answer a query ({type(error).__name__})",
                remedy="a Parquet file may be damaged, or the memory limit too small: see `opswarden doctor`",
            ) from error

    def runbooks(self) -> list[tuple[str, str]]:
        """Name and text of every runbook in the folder, in the order of their names; oversized ones are left out."""
        folder = self.folder / "runbooks"
        if folder.is_symlink() or not folder.is_dir():
            return []
        paths = sorted(folder.glob("*.md"))[:_RUNBOOK_LIMIT_COUNT]
        texts = ((path.name, read_plain_text(str(path), _RUNBOOK_LIMIT_BYTES)) for path in paths)
        return [(name, text) for name, text in texts if text is not None and name.isprintable()]

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


def _moment(table: str, since_epoch_us: int | None) -> datetime | None:
    if since_epoch_us is None:
        return None
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=since_epoch_us)
    except OverflowError as error:
        raise InputError(
            f"{table}.parquet holds a time outside the years 1 to 9999", remedy="times are UTC microseconds"
        ) from error


def _discard(connection: duckdb.DuckDBPyConnection, spill: str) -> None:
    connection.close()
    shutil.rmtree(spill, ignore_errors=True)


@contextmanager
def _interrupting(cursor: duckdb.DuckDBPyConnection, deadline: Deadline | None) -> Iterator[None]:
    """Stop whatever the cursor is doing when the time is up, and never what it does afterwards."""
    if deadline is None:
        yield
        return
    if deadline.passed:
        raise BackendError("no time was left to ask the snapshot", remedy="give the call a longer deadline")
    lock, running = threading.Lock(), True

    def stop() -> None:
        with lock:
            if running:
                cursor.interrupt()

    timer = threading.Timer(deadline.left_s, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            running = False
        timer.cancel()


def _view_of(name: TableName, path: Path, actual: pa.Schema) -> str:
    """A view over a fixed, checked path with exactly our columns and types; no name in it comes from outside.

    `logs` and `spans` also carry the number of each row in its file, which tells apart what has no id of its own.
    """
    columns = []
    for field in TABLES[name]:
        if actual.get_field_index(field.name) < 0:
            columns.append(f'CAST(NULL AS {_sql_type(field.type)}) AS "{field.name}"')
            continue
        kind = actual.field(field.name).type
        plain = pa.types.is_map(field.type) or kind == field.type
        columns.append(
            f'"{field.name}"' if plain else f'CAST("{field.name}" AS {_sql_type(field.type)}) AS "{field.name}"'
        )
    if name in ("logs", "spans"):
        columns.append("file_row_number")
    literal = str(path).replace("'", "''")
    options = "utf8_validation = 'replace', file_row_number = true"
    return f"CREATE VIEW {name} AS SELECT {', '.join(columns)} FROM read_parquet('{literal}', {options})"  # noqa: S608 - ours


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP WITH TIME ZONE"
    if pa.types.is_map(kind):
        return "MAP(VARCHAR, VARCHAR)"
    return {pa.float64(): "DOUBLE", pa.int64(): "BIGINT"}.get(kind, "VARCHAR")


def _connect(folder: Path, spill: str, memory_limit_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    connection = in_memory(threads, memory_limit=f"{memory_limit_mb}MB", temp_directory=spill)
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
        # Any unit is fine, a missing or another time zone is not: it would shift the incident silently.
        return pa.types.is_timestamp(actual) and actual.tz in ("UTC", "Etc/UTC", "+00:00", "Z")
    if pa.types.is_floating(wanted):
        return bool(pa.types.is_floating(actual) or pa.types.is_integer(actual))
    if pa.types.is_integer(wanted):
        return bool(pa.types.is_integer(actual))
    if pa.types.is_map(wanted):
        return bool(pa.types.is_map(actual)) and _is_text(actual.key_type) and _is_text(actual.item_type)
    return _is_text(actual) or bool(pa.types.is_null(actual))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST_NAME
    if not folder.is_dir() or not path.is_file():
        raise InputError(
            f"{folder} is no snapshot: it has no {MANIFEST_NAME}",
            remedy="give a folder made by `opswarden import` or `opswarden demo`",
        )
    if path.stat().st_size > _MANIFEST_LIMIT_BYTES:
        raise InputError(f"{MANIFEST_NAME} is larger than {_MANIFEST_LIMIT_BYTES} bytes", remedy="only metadata")
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise InputError(
            f"{MANIFEST_NAME} cannot be used: {place}: {first['msg']}", remedy="see docs/snapshots.md for the contract"
        ) from error
